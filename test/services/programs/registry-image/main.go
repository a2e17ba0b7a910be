// Command registry-image is a resource type for tests, over plain HTTP and for images of one platform: check finds the digest of
// a tag, in fetches an image as files (rootfs/ and metadata.json), as docker's archive (params.format: oci, image.tar) or as a
// layout (oci-layout, oci/), out pushes an archive (params.image). It is started as /opt/resource/{check,in,out}.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const (
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

type version struct {
	Tag    string `json:"tag,omitempty"`
	Digest string `json:"digest"`
}

type request struct {
	Source struct {
		Repository string `json:"repository"`
		Tag        any    `json:"tag"`
		Username   string `json:"username"`
		Password   string `json:"password"`
	} `json:"source"`
	Version version `json:"version"`
	Params  struct {
		Format string `json:"format"`
		Image  string `json:"image"`
	} `json:"params"`
}

type descriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

type manifest struct {
	SchemaVersion int          `json:"schemaVersion"`
	MediaType     string       `json:"mediaType"`
	Config        descriptor   `json:"config"`
	Layers        []descriptor `json:"layers"`
}

type archiveEntry struct {
	Config   string
	RepoTags []string
	Layers   []string
}

func main() {
	var asked request
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	repository := open(asked.Source.Repository, asked.Source.Username, asked.Source.Password)
	tag := "latest"
	if asked.Source.Tag != nil {
		tag = fmt.Sprint(asked.Source.Tag)
	}
	switch filepath.Base(os.Args[0]) {
	case "check":
		respond([]version{{tag, digestOf(repository.manifest(tag))}})
	case "in":
		in(repository, asked, os.Args[1])
		respond(map[string]any{"version": asked.Version, "metadata": []any{}})
	case "out":
		digest := out(repository, tag, filepath.Join(os.Args[1], asked.Params.Image))
		respond(map[string]any{"version": version{tag, digest}, "metadata": []any{}})
	default:
		must(fmt.Errorf("start me as check, in or out"))
	}
}

func in(from repository, asked request, folder string) {
	if asked.Version.Digest == "" {
		asked.Version.Digest = digestOf(from.manifest(asked.Version.Tag))
	}
	raw := from.manifest(asked.Version.Digest)
	var image manifest
	must(json.Unmarshal(raw, &image))
	write(filepath.Join(folder, "digest"), []byte(asked.Version.Digest))
	switch asked.Params.Format {
	case "oci":
		archive(from, image, filepath.Join(folder, "image.tar"))
	case "oci-layout":
		layout(from, raw, image, filepath.Join(folder, "oci"))
	default:
		rootfs(from, image, folder)
	}
}

func rootfs(from repository, image manifest, folder string) {
	for _, layer := range image.Layers {
		unpack(from.blob(layer.Digest), filepath.Join(folder, "rootfs"))
	}
	var config struct {
		Config struct {
			Env  []string
			User string
		} `json:"config"`
	}
	must(json.Unmarshal(all(from.blob(image.Config.Digest)), &config))
	write(filepath.Join(folder, "metadata.json"), jsonOf(map[string]any{"env": config.Config.Env, "user": config.Config.User}))
}

func archive(from repository, image manifest, file string) {
	target, err := os.Create(file)
	must(err)
	writer := tar.NewWriter(target)
	add := func(name string, content []byte) {
		must(writer.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}))
		_, err := writer.Write(content)
		must(err)
	}
	entry := archiveEntry{Config: image.Config.Digest}
	add(entry.Config, all(from.blob(image.Config.Digest)))
	for _, layer := range image.Layers {
		name := strings.TrimPrefix(layer.Digest, "sha256:") + ".tar.gz"
		entry.Layers = append(entry.Layers, name)
		add(name, all(from.blob(layer.Digest)))
	}
	add("manifest.json", jsonOf([]archiveEntry{entry}))
	must(writer.Close())
	must(target.Close())
}

func layout(from repository, raw []byte, image manifest, folder string) {
	blobs := filepath.Join(folder, "blobs", "sha256")
	hex := func(digest string) string { return strings.TrimPrefix(digest, "sha256:") }
	for _, part := range append([]descriptor{image.Config}, image.Layers...) {
		write(filepath.Join(blobs, hex(part.Digest)), all(from.blob(part.Digest)))
	}
	write(filepath.Join(blobs, hex(digestOf(raw))), raw)
	index := map[string]any{"schemaVersion": 2, "manifests": []descriptor{{manifestType, digestOf(raw), int64(len(raw))}}}
	write(filepath.Join(folder, "index.json"), jsonOf(index))
	write(filepath.Join(folder, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`))
}

func out(to repository, tag, file string) string {
	files := map[string][]byte{}
	source, err := os.Open(file)
	must(err)
	for reader := tar.NewReader(source); ; {
		header, err := reader.Next()
		if err == io.EOF {
			break
		}
		must(err)
		files[header.Name] = all(reader)
	}
	var entries []archiveEntry
	must(json.Unmarshal(files["manifest.json"], &entries))
	image := manifest{SchemaVersion: 2, MediaType: manifestType, Config: to.push(configType, files[entries[0].Config])}
	for _, layer := range entries[0].Layers {
		image.Layers = append(image.Layers, to.push(layerType, files[layer]))
	}
	raw := jsonOf(image)
	to.do("PUT", "/manifests/"+tag, manifestType, raw)
	return digestOf(raw)
}

// unpack knows what test images hold; nothing in them is removed by a later layer.
func unpack(compressed io.Reader, root string) {
	plain, err := gzip.NewReader(compressed)
	must(err)
	for reader := tar.NewReader(plain); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return
		}
		must(err)
		path := filepath.Join(root, filepath.Clean("/"+header.Name))
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		if header.Typeflag != tar.TypeDir {
			must(os.RemoveAll(path))
		}
		switch header.Typeflag {
		case tar.TypeDir:
			must(os.MkdirAll(path, 0o755))
		case tar.TypeSymlink:
			must(os.Symlink(header.Linkname, path))
			continue
		case tar.TypeLink:
			must(os.Link(filepath.Join(root, header.Linkname), path))
			continue
		default:
			write(path, all(reader))
		}
		must(os.Chown(path, header.Uid, header.Gid))
		must(os.Chmod(path, header.FileInfo().Mode()))
	}
}

type repository struct{ url, username, password string }

func open(name, username, password string) repository {
	host, path, _ := strings.Cut(name, "/")
	return repository{"http://" + host + "/v2/" + path, username, password}
}

func (r repository) manifest(reference string) []byte {
	return r.do("GET", "/manifests/"+reference, "", nil)
}

func (r repository) blob(digest string) io.Reader {
	return bytes.NewReader(r.do("GET", "/blobs/"+digest, "", nil))
}

func (r repository) push(mediaType string, content []byte) descriptor {
	response := r.send("POST", r.url+"/blobs/uploads/", "", nil)
	response.Body.Close()
	location, err := response.Request.URL.Parse(response.Header.Get("Location"))
	must(err)
	query := location.Query()
	query.Set("digest", digestOf(content))
	location.RawQuery = query.Encode()
	r.send("PUT", location.String(), "application/octet-stream", content).Body.Close()
	return descriptor{mediaType, digestOf(content), int64(len(content))}
}

func (r repository) do(method, path, contentType string, body []byte) []byte {
	response := r.send(method, r.url+path, contentType, body)
	defer response.Body.Close()
	return all(response.Body)
}

func (r repository) send(method, to, contentType string, body []byte) *http.Response {
	parsed, err := url.Parse(to)
	must(err)
	asked, err := http.NewRequest(method, parsed.String(), bytes.NewReader(body))
	must(err)
	asked.Header.Set("Accept", manifestType)
	if r.username != "" {
		asked.SetBasicAuth(r.username, r.password)
	}
	asked.Header.Set("User-Agent", "test-registry-image")
	if contentType != "" {
		asked.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(asked)
	must(err)
	if response.StatusCode >= 300 {
		must(fmt.Errorf("%s %s: %s", method, to, response.Status))
	}
	return response
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func all(from io.Reader) []byte {
	content, err := io.ReadAll(from)
	must(err)
	return content
}

func write(path string, content []byte) {
	must(os.MkdirAll(filepath.Dir(path), 0o755))
	must(os.WriteFile(path, content, 0o644))
}

func jsonOf(value any) []byte {
	text, err := json.Marshal(value)
	must(err)
	return text
}

func respond(answer any) { must(json.NewEncoder(os.Stdout).Encode(answer)) }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "registry-image:", err)
		os.Exit(1)
	}
}
