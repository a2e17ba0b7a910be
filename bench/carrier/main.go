// carrier takes a file to a plain HTTP server and brings it back: `carrier URL FILE COPY`, where URL is http://host:port or unix:PATH.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
)

// Large ones, so that what it is compared with has it no easier.
const buffer = 256 << 10

func main() {
	if err := carry(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func carry(url, file, copied string) error {
	transport := &http.Transport{ReadBufferSize: buffer, WriteBufferSize: buffer}
	client := &http.Client{Transport: transport}
	if path, isUnix := strings.CutPrefix(url, "unix:"); isUnix {
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}
		url = "http://host"
	}
	if err := put(client, url+"/file", file); err != nil {
		return err
	}
	if err := get(client, url+"/file", copied); err != nil {
		return err
	}
	return answered(client.Post(url+"/done", "text/plain", nil))
}

func put(client *http.Client, url, file string) error {
	source, err := os.Open(file)
	if err != nil {
		return err
	}
	info, err := source.Stat()
	if err != nil {
		return err
	}
	request, err := http.NewRequest("PUT", url, source)
	if err != nil {
		return err
	}
	request.ContentLength = info.Size()
	return answered(client.Do(request))
}

func get(client *http.Client, url, file string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	target, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, response.Body); err != nil {
		return err
	}
	return target.Close()
}

func answered(response *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server says %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
