package tree

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// sparse returns an archive of one file that claims a length and has no data: a PAX entry (GNU format 1.0) that is one hole.
func sparse(t *testing.T, length int64) []byte {
	t.Helper()
	var out bytes.Buffer
	record := func(key, value string) string {
		for n := len(key) + len(value) + 3; ; n++ {
			if line := fmt.Sprintf("%d %s=%s\n", n, key, value); len(line) == n {
				return line
			}
		}
	}
	block := func(name string, kind byte, body string) {
		var header [512]byte
		copy(header[:], name)
		copy(header[100:], "0000644\x00")
		copy(header[124:], fmt.Sprintf("%011o\x00", len(body)))
		copy(header[136:], "00000000000\x00")
		copy(header[148:], "        ")
		header[156] = kind
		copy(header[257:], "ustar\x0000")
		sum := 0
		for _, b := range header {
			sum += int(b)
		}
		copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
		out.Write(header[:])
		out.WriteString(body)
		out.Write(make([]byte, (512-len(body)%512)%512))
	}
	size := fmt.Sprint(length)
	block("pax", 'x', record("GNU.sparse.major", "1")+record("GNU.sparse.minor", "0")+record("GNU.sparse.name", "hole")+record("GNU.sparse.realsize", size))
	sparseMap := "1\n" + size + "\n0\n" // one data block of no bytes, at the end
	block("hole", '0', sparseMap+string(make([]byte, 512-len(sparseMap))))
	out.Write(make([]byte, 1024))
	return out.Bytes()
}

func TestUnpackRefusesOneByteBeyondTheLimit(t *testing.T) {
	const limit = 1 << 20
	for length, allowed := range map[int64]bool{limit: true, limit + 1: false} {
		dir := t.TempDir()
		err := Unpack(context.Background(), bytes.NewReader(sparse(t, length)), dir, UnpackOptions{MaxBytes: limit})
		if allowed != (err == nil) || err != nil && !errors.Is(err, ErrHostile) {
			t.Errorf("%d bytes of %d: %v", length, limit, err)
		}
		if info, err := os.Stat(filepath.Join(dir, "hole")); allowed && (err != nil || info.Size() != length) {
			t.Errorf("%d bytes of %d: %v, %v", length, limit, info, err)
		}
	}
}

func TestUnpackCountsAllFiles(t *testing.T) {
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	for _, name := range []string{"a", "b"} {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: 3, Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte("123")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for limit, allowed := range map[int64]bool{6: true, 5: false} {
		err := Unpack(context.Background(), bytes.NewReader(data.Bytes()), t.TempDir(), UnpackOptions{MaxBytes: limit})
		if allowed != (err == nil) {
			t.Errorf("6 bytes of %d: %v", limit, err)
		}
	}
}
