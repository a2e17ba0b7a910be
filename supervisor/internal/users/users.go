// Package users finds a step's user in the image's /etc/passwd and /etc/group, which it reads each time.
package users

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// User is the user that a process runs as.
type User struct {
	Name     string
	UID, GID uint32
	// Groups are the supplementary groups.
	Groups []uint32
	Home   string
}

// Self returns the supervisor's own user. Unless that is root, no process can run as another one.
type Self struct{ UID, GID uint32 }

type account struct {
	name     string
	uid, gid uint32
	home     string
}

type group struct {
	name    string
	gid     uint32
	members []string
}

// Lookup understands name, uid, name:group, uid:gid and ”. root is the folder that /etc is in.
func Lookup(root, text string, self Self) (User, error) {
	accounts, err := readPasswd(filepath.Join(root, "etc/passwd"))
	if err != nil {
		return User{}, err
	}
	groups, err := readGroup(filepath.Join(root, "etc/group"))
	if err != nil {
		return User{}, err
	}
	name, groupText, hasGroup := strings.Cut(text, ":")
	user, err := findAccount(accounts, name, self)
	if err != nil {
		return User{}, err
	}
	if hasGroup && groupText != "" {
		user.GID, err = findGroup(groups, groupText)
		return user, err
	}
	for _, g := range groups {
		if g.gid != user.GID && slices.Contains(g.members, user.Name) && !slices.Contains(user.Groups, g.gid) {
			user.Groups = append(user.Groups, g.gid)
		}
	}
	return user, nil
}

func findAccount(accounts []account, name string, self Self) (User, error) {
	if name == "" {
		name = strconv.FormatUint(uint64(self.UID), 10)
	}
	for _, a := range accounts {
		if a.name == name {
			return User{Name: a.name, UID: a.uid, GID: a.gid, Home: orSlash(a.home)}, nil
		}
	}
	if name == "root" {
		name = "0"
	}
	uid, err := strconv.ParseUint(name, 10, 32)
	if err != nil {
		return User{}, fmt.Errorf("user %q is not in the image's /etc/passwd", name)
	}
	for _, a := range accounts {
		if uint64(a.uid) == uid {
			return User{Name: a.name, UID: a.uid, GID: a.gid, Home: orSlash(a.home)}, nil
		}
	}
	user := User{Name: name, UID: uint32(uid), Home: "/"}
	if uid == 0 {
		user.Name, user.Home = "root", "/root"
	}
	if user.UID == self.UID {
		user.GID = self.GID
	}
	return user, nil
}

func findGroup(groups []group, text string) (uint32, error) {
	for _, g := range groups {
		if g.name == text {
			return g.gid, nil
		}
	}
	gid, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("group %q is not in the image's /etc/group", text)
	}
	return uint32(gid), nil
}

func orSlash(home string) string {
	if home == "" {
		return "/"
	}
	return home
}

func readPasswd(path string) ([]account, error) {
	var accounts []account
	err := readLines(path, func(fields []string) {
		if len(fields) < 4 {
			return
		}
		uid, err1 := strconv.ParseUint(fields[2], 10, 32)
		gid, err2 := strconv.ParseUint(fields[3], 10, 32)
		if fields[0] == "" || err1 != nil || err2 != nil {
			return
		}
		a := account{name: fields[0], uid: uint32(uid), gid: uint32(gid)}
		if len(fields) > 5 {
			a.home = fields[5]
		}
		accounts = append(accounts, a)
	})
	return accounts, err
}

func readGroup(path string) ([]group, error) {
	var groups []group
	err := readLines(path, func(fields []string) {
		if len(fields) < 3 {
			return
		}
		gid, err := strconv.ParseUint(fields[2], 10, 32)
		if fields[0] == "" || err != nil {
			return
		}
		g := group{name: fields[0], gid: uint32(gid)}
		if len(fields) > 3 && fields[3] != "" {
			g.members = strings.Split(fields[3], ",")
		}
		groups = append(groups, g)
	})
	return groups, err
}

func readLines(path string, visit func(fields []string)) error {
	// The image is untrusted: a folder or a pipe in the file's place counts as no file.
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	// Podman gives an image without these files its own, which root of a user namespace may not read.
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	scanner.Buffer(make([]byte, 0, 4096), 1<<20)
	for scanner.Scan() {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		visit(strings.Split(line, ":"))
	}
	return scanner.Err()
}
