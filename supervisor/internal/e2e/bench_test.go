package e2e

import (
	"strconv"
	"testing"
	"time"
)

// Benchmarks: go test -bench . ./internal/e2e

func BenchmarkLines200k(b *testing.B) {
	for b.Loop() {
		srv, sup := secured(b)
		began := time.Now()
		srv.tell(sup.shell("lines", "seq 1 200000", nil))
		srv.result("lines")
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "pipe-ms")
		began = time.Now()
		srv.tell(with(sup.shell("tty", "seq 1 200000", nil), "tty", map[string]any{"columns": 500, "rows": 500}))
		srv.result("tty")
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "tty-ms")
		sup.kill()
	}
}

func BenchmarkArtifact100MB(b *testing.B) {
	const size = 100_000_000
	for b.Loop() {
		srv, sup := secured(b)
		srv.tell(sup.shell("make", "head -c "+strconv.Itoa(size)+" /dev/urandom > out/big", map[string]any{"outputs": []any{folder("out", sup.path("work/out"))}}))
		result := srv.result("make")
		took := time.Duration(srv.last("make").Time-result.ExitedAt) * time.Millisecond
		b.ReportMetric(size/1e6/took.Seconds(), "put-MB/s")
		began := time.Now()
		srv.tell(sup.shell("take", "", map[string]any{"inputs": []any{map[string]any{
			"name": "in", "path": sup.path("work/in"), "digest": result.Outputs[0].Digest, "size": *result.Outputs[0].Size}}}))
		srv.result("take")
		b.ReportMetric(size/1e6/time.Since(began).Seconds(), "get-MB/s")
		sup.kill()
	}
}

func BenchmarkSmallFiles(b *testing.B) {
	for b.Loop() {
		srv, sup := secured(b)
		srv.tell(sup.shell("make", "cd out; for i in $(seq 1 200); do mkdir $i; for j in $(seq 1 100); do echo $i $j > $i/$j; done; done", map[string]any{"outputs": []any{folder("out", sup.path("work/out"))}}))
		result := srv.result("make")
		b.ReportMetric(float64(srv.last("make").Time-result.ExitedAt), "put-20k-files-ms")
		began := time.Now()
		srv.tell(sup.shell("take", "", map[string]any{"inputs": []any{map[string]any{
			"name": "in", "path": sup.path("work/in"), "digest": result.Outputs[0].Digest, "size": *result.Outputs[0].Size}}}))
		srv.result("take")
		b.ReportMetric(float64(time.Since(began).Milliseconds()), "get-20k-files-ms")
		sup.kill()
	}
}

func BenchmarkStartToHello(b *testing.B) {
	for b.Loop() {
		srv := newServer(b)
		sup := newSupervisor(b)
		sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("unix", shortSocket(b)))
		began := time.Now()
		sup.start()
		srv.until("hello", func() bool { return len(srv.hellos) > 0 })
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "hello-ms")
		sup.kill()
	}
}

// secured returns both ends of a connection over TCP and TLS.
func secured(t testing.TB) (*server, *supervisor) {
	srv := newServer(t)
	sup := newSupervisor(t, "AIRSIDE_SERVER_KEY="+srv.pin())
	sup.env = append(sup.env, "AIRSIDE_HOME="+srv.listen("tcp", "127.0.0.1:0"))
	sup.start()
	return srv, sup
}
