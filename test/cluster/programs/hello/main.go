// Command hello is all that the scratch test image holds: no shell, no libc, no
// passwd. It says who and where it is, and ends as it is told:
//
//	hello [exit STATUS | echo WORDS... | cat | write FILE TEXT | read FILE | sleep SECONDS]
package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	command, args := "", []string{}
	if len(os.Args) > 1 {
		command, args = os.Args[1], os.Args[2:]
	}
	switch {
	case command == "":
		folder, _ := os.Getwd()
		fmt.Printf("hello from scratch uid=%d gid=%d cwd=%s\n", os.Getuid(), os.Getgid(), folder)
	case command == "echo":
		fmt.Println(strings.Join(args, " "))
	case command == "cat":
		_, err := io.Copy(os.Stdout, os.Stdin)
		check(err)
	case command == "exit" && len(args) == 1:
		status, err := strconv.Atoi(args[0])
		check(err)
		os.Exit(status)
	case command == "sleep" && len(args) == 1:
		seconds, err := strconv.ParseFloat(args[0], 64)
		check(err)
		time.Sleep(time.Duration(seconds * float64(time.Second)))
	case command == "write" && len(args) == 2:
		check(os.WriteFile(args[0], []byte(args[1]), 0o644))
	case command == "read" && len(args) == 1:
		text, err := os.ReadFile(args[0])
		check(err)
		_, err = os.Stdout.Write(text)
		check(err)
	default:
		fmt.Fprintln(os.Stderr, "hello: unknown command", command)
		os.Exit(2)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "hello:", err)
		os.Exit(1)
	}
}
