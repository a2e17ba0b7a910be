package tree

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPackRefusesOneByteBeyondTheLimit(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a", "b", "c"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var all bytes.Buffer
	if err := Pack(context.Background(), dir, &all, PackOptions{}); err != nil {
		t.Fatal(err)
	}
	size := int64(all.Len())
	if err := Pack(context.Background(), dir, io.Discard, PackOptions{Limit: size}); err != nil {
		t.Errorf("an archive of the limit: %v", err)
	}
	err := Pack(context.Background(), dir, io.Discard, PackOptions{Limit: size - 1})
	var source *SourceError
	if !errors.Is(err, ErrTooLarge) || !errors.As(err, &source) {
		t.Errorf("an archive of one byte more: %v", err)
	}
}

func TestPackReadsNothingOfASparseFileBeyondTheLimit(t *testing.T) {
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "disk.img"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(10 << 40); err != nil {
		t.Skip(err) // the filesystem has no sparse files
	}
	var out bytes.Buffer
	err = Pack(context.Background(), dir, &out, PackOptions{Limit: 1 << 30})
	if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "disk.img") || !strings.Contains(err.Error(), "1073741824") {
		t.Errorf("error %v", err)
	}
	if out.Len() > 1<<20 {
		t.Errorf("%d bytes were written before", out.Len())
	}
}
