package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// hold keeps the helper container running while its postStart hook copies this program: the hook fails if the container ends
// before it.
func hold() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-signals:
	case <-time.After(time.Minute):
	}
}
