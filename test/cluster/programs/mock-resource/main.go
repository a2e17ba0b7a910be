// Command mock-resource is a resource type for tests: /opt/resource/check, in and
// out are links to it. What it does stands in source and params, see options.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

type version map[string]string

// options may stand in source (for every script) and in params (for in and out).
type options struct {
	// source: all versions, oldest first; without them the resource counts from Initial.
	Versions  []version `json:"versions"`
	Initial   string    `json:"initial"`
	Increment bool      `json:"increment"`
	// source: message with which check, in or out fails.
	FailCheck string `json:"fail_check"`
	FailIn    string `json:"fail_in"`
	FailOut   string `json:"fail_out"`
	// Exit status of a failure, default 1.
	ExitStatus int `json:"exit_status"`
	// Seconds before anything else happens.
	Sleep float64 `json:"sleep"`
	// Lines on standard error.
	Lines int `json:"lines"`
	// Instead of a response: these words, or so many bytes.
	Garbage string `json:"garbage"`
	Flood   int    `json:"flood"`
	// Names of environment variables to print on standard error.
	PrintEnv []string `json:"print_env"`
	// in: files to write besides version, params.json and one per version key; a file `blob` of so many bytes.
	Files map[string]string `json:"files"`
	Size  int               `json:"size"`
	// out: the version it makes, or the file that holds its number; files that must have this content.
	Version version           `json:"version"`
	File    string            `json:"file"`
	Expect  map[string]string `json:"expect"`
}

type request struct {
	Source  options         `json:"source"`
	Params  options         `json:"params"`
	Version version         `json:"version"`
}

type metadata struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type response struct {
	Version  version    `json:"version"`
	Metadata []metadata `json:"metadata"`
}

func main() {
	script := filepath.Base(os.Args[0])
	input, err := io.ReadAll(os.Stdin)
	must(err)
	var asked request
	must(json.Unmarshal(input, &asked))
	fmt.Fprintln(os.Stderr, "mock-resource:", script)
	for _, from := range []options{asked.Source, asked.Params} {
		misbehave(script, from)
	}
	switch script {
	case "check":
		respond(check(asked))
	case "in":
		respond(in(asked, os.Args[1]))
	case "out":
		respond(out(asked, os.Args[1]))
	default:
		fail("start me as check, in or out", 2)
	}
}

func misbehave(script string, from options) {
	time.Sleep(time.Duration(from.Sleep * float64(time.Second)))
	for line := range from.Lines {
		fmt.Fprintf(os.Stderr, "line %d\n", line+1)
	}
	for _, name := range from.PrintEnv {
		fmt.Fprintf(os.Stderr, "%s=%s\n", name, os.Getenv(name))
	}
	message := map[string]string{"check": from.FailCheck, "in": from.FailIn, "out": from.FailOut}[script]
	if message != "" {
		fail(message, max(from.ExitStatus, 1))
	}
	if from.Garbage != "" {
		fmt.Println(from.Garbage)
		os.Exit(0)
	}
	if from.Flood > 0 {
		_, err := io.CopyN(os.Stdout, endless{}, int64(from.Flood))
		must(err)
		os.Exit(0)
	}
}

// check answers with the given version and all after it.
func check(asked request) []version {
	if versions := asked.Source.Versions; versions != nil {
		from := slices.IndexFunc(versions, func(v version) bool { return maps.Equal(v, asked.Version) })
		return versions[max(from, 0):]
	}
	if asked.Version == nil {
		first := asked.Source.Initial
		if first == "" {
			first = "1"
		}
		return []version{{"number": first}}
	}
	found := []version{asked.Version}
	if number, err := strconv.Atoi(asked.Version["number"]); err == nil && asked.Source.Increment {
		found = append(found, version{"number": strconv.Itoa(number + 1)})
	}
	return found
}

func in(asked request, folder string) response {
	versionText, err := json.Marshal(asked.Version)
	must(err)
	paramsText, err := json.Marshal(asked.Params)
	must(err)
	write(folder, "version", string(versionText))
	write(folder, "params.json", string(paramsText))
	for key, value := range asked.Version {
		write(folder, key, value)
	}
	for path, content := range asked.Params.Files {
		write(folder, path, content)
	}
	if asked.Params.Size > 0 {
		file, err := os.Create(filepath.Join(folder, "blob"))
		must(err)
		_, err = io.CopyN(file, endless{}, int64(asked.Params.Size))
		must(err)
		must(file.Close())
	}
	return response{asked.Version, []metadata{{"fetched", asked.Version["number"]}}}
}

func out(asked request, folder string) response {
	for path, expected := range asked.Params.Expect {
		if found := read(folder, path); found != expected {
			fail(fmt.Sprintf("%s is %q, not %q", path, found, expected), 1)
		}
	}
	made := asked.Params.Version
	if made == nil && asked.Params.File != "" {
		made = version{"number": strings.TrimSpace(read(folder, asked.Params.File))}
	}
	if made == nil {
		made = version{"number": strconv.FormatInt(time.Now().UnixMilli(), 10)}
	}
	entries, err := os.ReadDir(folder)
	must(err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return response{made, []metadata{{"put", made["number"]}, {"folders", strings.Join(names, " ")}}}
}

func write(folder, path, content string) {
	file := filepath.Join(folder, path)
	must(os.MkdirAll(filepath.Dir(file), 0o755))
	must(os.WriteFile(file, []byte(content), 0o644))
}

func read(folder, path string) string {
	text, err := os.ReadFile(filepath.Join(folder, path))
	must(err)
	return string(text)
}

func respond(answer any) { must(json.NewEncoder(os.Stdout).Encode(answer)) }

func must(err error) {
	if err != nil {
		fail(err.Error(), 1)
	}
}

func fail(message string, status int) {
	fmt.Fprintln(os.Stderr, "mock-resource:", message)
	os.Exit(status)
}

// endless gives the same letters for ever.
type endless struct{}

func (endless) Read(buffer []byte) (int, error) {
	for i := range buffer {
		buffer[i] = byte('a' + (i*7+i/251)%26)
	}
	return len(buffer), nil
}
