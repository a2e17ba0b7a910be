package users

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// image makes a folder with an image's /etc/passwd and /etc/group.
func image(t testing.TB, passwd, group string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"passwd": passwd, "group": group} {
		if err := os.MkdirAll(filepath.Join(root, "etc"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "etc", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func FuzzLookup(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/sh\nbuild:x:1000:1001::/home/build:\n", "wheel:x:10:root,build\nstaff:x:50:\n", "build:staff")
	f.Add("#\n::::\nx:y:z:\na:x:4294967296:0\nb:x:-1:0\n", "g:x\n:::\ng:x:9:,,a\n", "a")
	f.Add("1:x:2:3\n", "", "1")
	f.Fuzz(func(t *testing.T, passwd, group, text string) {
		if len(passwd)+len(group) > 1<<16 || strings.ContainsAny(passwd+group+text, "\x00") {
			return
		}
		user, err := Lookup(image(t, passwd, group), text, Self{UID: 7, GID: 8})
		if err != nil {
			return
		}
		if user.Home == "" || user.Name == "" {
			t.Errorf("%q is %+v", text, user)
		}
		name, groupText, _ := strings.Cut(text, ":")
		if uid, err := strconv.ParseUint(name, 10, 32); err == nil && !strings.Contains(passwd, name) && uint64(user.UID) != uid {
			t.Errorf("%q, of whom the image says nothing, is %+v", text, user)
		}
		if gid, err := strconv.ParseUint(groupText, 10, 32); err == nil && !strings.Contains(group, groupText) && uint64(user.GID) != gid {
			t.Errorf("%q, of whose group the image says nothing, is %+v", text, user)
		}
	})
}
