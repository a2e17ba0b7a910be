package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// hold lives while the helper container's postStart hook copies this program: a container that ends first fails its hook.
func hold() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-signals:
	case <-time.After(time.Minute):
	}
}
