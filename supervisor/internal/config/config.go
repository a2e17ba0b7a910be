// Package config reads the supervisor's own environment.
package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Config is what the container's spec tells the supervisor. Nothing in it is secret.
type Config struct {
	Container string
	UID       string
	// Network ("tcp" or "unix") and Address are where to dial home. They are empty if there is only the tunnel.
	Network, Address string
	// Listen is the loopback address of the tunnel, or empty.
	Listen string
	// ServerKey is SHA-256 of the server's public key; nil only when home is a unix socket and nothing listens.
	ServerKey  []byte
	TokenFile  string
	State      string
	SpoolBytes int64
	Idle, Keep time.Duration
	// Hangup is how long sessions go on without a server.
	Hangup time.Duration
}

// Read reads the configuration from environment variables. Its error is a line that a user can act on.
func Read(getenv func(string) string) (Config, error) {
	c := Config{
		Container: getenv("AIRSIDE_CONTAINER"),
		UID:       getenv("AIRSIDE_UID"),
		Listen:    getenv("AIRSIDE_LISTEN"),
		TokenFile: getenv("AIRSIDE_TOKEN_FILE"),
		State:     getenv("AIRSIDE_STATE"),
	}
	if c.Container == "" {
		return c, fmt.Errorf("AIRSIDE_CONTAINER is not set; this program is started by Airside in a step's container")
	}
	if c.State == "" {
		c.State = "/tmp/.airside/state"
	}
	if !filepath.IsAbs(c.State) {
		return c, fmt.Errorf("AIRSIDE_STATE is %q, which is not an absolute path", c.State)
	}
	if err := c.readHome(getenv("AIRSIDE_HOME")); err != nil {
		return c, err
	}
	if err := c.checkListen(); err != nil {
		return c, err
	}
	if err := c.readKey(getenv("AIRSIDE_SERVER_KEY")); err != nil {
		return c, err
	}
	return c, c.readNumbers(getenv)
}

func (c *Config) readHome(home string) error {
	switch {
	case home == "":
		if c.Listen == "" {
			return fmt.Errorf("neither AIRSIDE_HOME nor AIRSIDE_LISTEN is set: there is no way to the server")
		}
	case strings.HasPrefix(home, "tcp://"):
		c.Network, c.Address = "tcp", home[len("tcp://"):]
		if _, _, err := net.SplitHostPort(c.Address); err != nil {
			return fmt.Errorf("AIRSIDE_HOME is %q: %v", home, err)
		}
	case strings.HasPrefix(home, "unix:///"):
		c.Network, c.Address = "unix", home[len("unix://"):]
	default:
		return fmt.Errorf("AIRSIDE_HOME is %q; it must be tcp://host:port or unix:///path", home)
	}
	return nil
}

func (c *Config) checkListen() error {
	if c.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("AIRSIDE_LISTEN is %q: %v", c.Listen, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("AIRSIDE_LISTEN is %q; only a loopback address is allowed", c.Listen)
	}
	return nil
}

func (c *Config) readKey(text string) error {
	if text == "" {
		if c.Network == "tcp" || c.Listen != "" {
			return fmt.Errorf("AIRSIDE_SERVER_KEY is not set; tcp and the tunnel need it")
		}
		return nil
	}
	key, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(key) != 32 {
		return fmt.Errorf("AIRSIDE_SERVER_KEY is not the base64url of a SHA-256")
	}
	c.ServerKey = key
	return nil
}

func (c *Config) readNumbers(getenv func(string) string) error {
	numbers := []struct {
		name     string
		standard int64
		set      func(int64)
	}{
		{"AIRSIDE_SPOOL_BYTES", 1 << 30, func(n int64) { c.SpoolBytes = n }},
		{idleSeconds, standardIdle, func(n int64) { c.Idle = time.Duration(n) * time.Second }},
		{"AIRSIDE_KEEP_SECONDS", 86400, func(n int64) { c.Keep = time.Duration(n) * time.Second }},
		{"AIRSIDE_HANGUP_SECONDS", 60, func(n int64) { c.Hangup = time.Duration(n) * time.Second }},
	}
	for _, number := range numbers {
		value, err := readNumber(getenv, number.name, number.standard)
		if err != nil {
			return err
		}
		number.set(value)
	}
	return nil
}

// Idle is Config's Idle alone, for a program that has no container's configuration yet.
func Idle(getenv func(string) string) (time.Duration, error) {
	seconds, err := readNumber(getenv, idleSeconds, standardIdle)
	return time.Duration(seconds) * time.Second, err
}

const (
	idleSeconds  = "AIRSIDE_IDLE_SECONDS"
	standardIdle = 600
)

func readNumber(getenv func(string) string, name string, standard int64) (int64, error) {
	text := getenv(name)
	if text == "" {
		return standard, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%s is %q, which is not a positive number", name, text)
	}
	return n, nil
}
