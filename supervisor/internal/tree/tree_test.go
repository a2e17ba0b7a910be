package tree

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sample makes a folder with one entry of each type that an artifact may hold.
func sample(t testing.TB, root string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(root, "a/deep/er"), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "a.txt"), []byte("sorts before a/"), 0o640))
	must(t, os.WriteFile(filepath.Join(root, "a/file"), bytes.Repeat([]byte("content "), 100_000), 0o755))
	must(t, os.WriteFile(filepath.Join(root, "a/deep/empty"), nil, 0o444))
	must(t, os.WriteFile(filepath.Join(root, "ümlaut "+strings.Repeat("long", 50)), []byte("x"), 0o600))
	must(t, os.Link(filepath.Join(root, "a/file"), filepath.Join(root, "z-link")))
	must(t, os.Symlink("../a.txt", filepath.Join(root, "a/up")))
	must(t, os.Symlink("/nowhere", filepath.Join(root, "dangling")))
	must(t, unix.Mkfifo(filepath.Join(root, "pipe"), 0o620))
	must(t, os.Chmod(filepath.Join(root, "a/file"), 0o755|fs.ModeSetuid))
	must(t, os.Chmod(filepath.Join(root, "a/deep"), 0o500))
	for i, name := range []string{"a/deep/empty", "a/file", "a/deep/er", "a/deep", "a", "a.txt", "."} {
		when := time.Unix(1_000_000_000+int64(i), 123_456_789)
		must(t, os.Chtimes(filepath.Join(root, name), when, when))
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(root, "a/deep"), 0o700) })
}

func pack(t testing.TB, root string, options PackOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, Pack(context.Background(), root, &out, options))
	return out.Bytes()
}

func namesIn(t testing.TB, archive []byte) []string {
	t.Helper()
	var names []string
	for in := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := in.Next()
		if err != nil {
			return names
		}
		names = append(names, header.Name)
	}
}

func TestATreeIsTheSameAfterPackingAndUnpacking(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	sample(t, from)
	first := pack(t, from, PackOptions{})
	must(t, Unpack(context.Background(), bytes.NewReader(first), to, UnpackOptions{MaxBytes: int64(len(first))}))
	t.Cleanup(func() { os.Chmod(filepath.Join(to, "a/deep"), 0o700) })
	if second := pack(t, to, PackOptions{}); !bytes.Equal(first, second) {
		t.Errorf("%q became %q", namesIn(t, first), namesIn(t, second))
	}
	one, err1 := os.Stat(filepath.Join(to, "a/file"))
	two, err2 := os.Stat(filepath.Join(to, "z-link"))
	if err1 != nil || err2 != nil || !os.SameFile(one, two) {
		t.Error("the hardlink is a file of its own", err1, err2)
	}
}

func TestEntriesAreSortedByTheBytesOfTheirPaths(t *testing.T) {
	root := t.TempDir()
	sample(t, root)
	names := namesIn(t, pack(t, root, PackOptions{}))
	if names[0] != "./" || !slices.IsSorted(names[1:]) || !slices.Contains(names, "a/deep/er/") {
		t.Errorf("%q", names)
	}
}

func TestSocketsAreLeftOutWithANotice(t *testing.T) {
	root := t.TempDir()
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(t, err)
	defer unix.Close(fd)
	must(t, unix.Bind(fd, &unix.SockaddrUnix{Name: filepath.Join(root, "s")}))
	var notices []string
	archive := pack(t, root, PackOptions{Notice: func(text string) { notices = append(notices, text) }})
	if names := namesIn(t, archive); len(names) != 1 || len(notices) != 1 || !strings.HasSuffix(notices[0], "/s is a socket and is left out") {
		t.Error(names, notices)
	}
}

func TestReadErrorsAreDistinguishedFromWriteErrors(t *testing.T) {
	root := t.TempDir()
	sample(t, root)
	broken := errors.New("broken")
	err := Pack(context.Background(), root, failing{broken}, PackOptions{})
	var source *SourceError
	if !errors.Is(err, broken) || errors.As(err, &source) {
		t.Error(err)
	}
	if err := Pack(context.Background(), filepath.Join(root, "none"), failing{broken}, PackOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func archiveOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, header := range headers {
		header.Mode = 0o755
		must(t, w.WriteHeader(&header))
		_, err := w.Write(make([]byte, header.Size))
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

var hostile = map[string][]tar.Header{
	"an absolute path":                {{Name: "/out", Typeflag: tar.TypeReg, Size: 1}},
	"a path that goes up":             {{Name: "a/../../out", Typeflag: tar.TypeReg, Size: 1}},
	"a path through a symlink":        {{Name: "l", Typeflag: tar.TypeSymlink, Linkname: ".."}, {Name: "l/out", Typeflag: tar.TypeReg, Size: 1}},
	"a folder through a symlink":      {{Name: "l", Typeflag: tar.TypeSymlink, Linkname: ".."}, {Name: "l/out/", Typeflag: tar.TypeDir}},
	"a folder in a symlink's place":   {{Name: "l", Typeflag: tar.TypeSymlink, Linkname: ".."}, {Name: "l/", Typeflag: tar.TypeDir}},
	"a hardlink that goes up":         {{Name: "h", Typeflag: tar.TypeLink, Linkname: "../secret"}},
	"a hardlink to an absolute path":  {{Name: "h", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}},
	"a hardlink through a symlink":    {{Name: "l", Typeflag: tar.TypeSymlink, Linkname: ".."}, {Name: "h", Typeflag: tar.TypeLink, Linkname: "l/secret"}},
	"a hardlink to the root":          {{Name: "h", Typeflag: tar.TypeLink, Linkname: "."}},
	"a device":                        {{Name: "d", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}},
	"a file in the place of a folder": {{Name: "d/", Typeflag: tar.TypeDir}, {Name: "d/x", Typeflag: tar.TypeReg}, {Name: "d", Typeflag: tar.TypeReg, Size: 1}},
	"a root that is a file":           {{Name: "./", Typeflag: tar.TypeSymlink, Linkname: "/"}},
}

// jail makes a folder to unpack into, beside a file; check returns an error if something outside of the folder has changed.
func jail(t testing.TB) (folder string, check func() error) {
	t.Helper()
	around := t.TempDir()
	folder = filepath.Join(around, "folder")
	must(t, os.Mkdir(folder, 0o755))
	must(t, os.WriteFile(filepath.Join(around, "secret"), []byte("secret"), 0o600))
	var before unix.Stat_t
	must(t, unix.Lstat(filepath.Join(around, "secret"), &before))
	return folder, func() error {
		entries, err := os.ReadDir(around)
		if err != nil || len(entries) != 2 {
			return fmt.Errorf("%v beside the folder, %v", entries, err)
		}
		var after unix.Stat_t
		if err := unix.Lstat(filepath.Join(around, "secret"), &after); err != nil || after.Mode != before.Mode || after.Uid != before.Uid || after.Nlink != 1 || after.Mtim != before.Mtim {
			return fmt.Errorf("the file beside the folder was changed: %+v, %v", after, err)
		}
		return nil
	}
}

func TestHostileArchivesAreRefusedAndChangeNothingOutside(t *testing.T) {
	for name, headers := range hostile {
		t.Run(name, func(t *testing.T) {
			folder, check := jail(t)
			if err := Unpack(context.Background(), bytes.NewReader(archiveOf(t, headers...)), folder, UnpackOptions{}); err == nil {
				t.Error("it was unpacked")
			}
			must(t, check())
		})
	}
}

func FuzzUnpack(f *testing.F) {
	if os.Geteuid() != 0 {
		f.Skip("modes of unpacked folders keep out whoever is not root")
	}
	for _, headers := range hostile {
		f.Add(archiveOf(f, headers...))
	}
	root := f.TempDir()
	must(f, os.Mkdir(filepath.Join(root, "d"), 0o755))
	must(f, os.Symlink("d", filepath.Join(root, "l")))
	must(f, os.WriteFile(filepath.Join(root, "d/file"), []byte("x"), 0o644))
	f.Add(pack(f, root, PackOptions{}))
	f.Fuzz(func(t *testing.T, archive []byte) {
		folder, check := jail(t)
		const limit = 1 << 20
		err := Unpack(context.Background(), bytes.NewReader(archive), folder, UnpackOptions{MaxBytes: limit})
		must(t, check())
		if err != nil {
			return
		}
		// What was unpacked can be packed, and packing and unpacking it again changes nothing.
		once := pack(t, folder, PackOptions{})
		again, _ := jail(t)
		must(t, Unpack(context.Background(), bytes.NewReader(once), again, UnpackOptions{MaxBytes: limit}))
		if twice := pack(t, again, PackOptions{}); !bytes.Equal(once, twice) {
			t.Errorf("%q became %q", namesIn(t, once), namesIn(t, twice))
		}
	})
}

func FuzzClean(f *testing.F) {
	for _, name := range []string{"a/b", "./", "../a", "a/../b", "/a", "a//b/.", "...", "a\x00"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if path, err := clean(name); err == nil && !filepath.IsLocal(path) {
			t.Errorf("%q became %q", name, path)
		}
	})
}
