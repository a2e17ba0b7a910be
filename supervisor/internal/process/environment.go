package process

import (
	"strings"

	"airside/supervisor/internal/procs"
	"airside/supervisor/internal/users"
)

// Environment returns the assignment's environment, with PATH, HOME and USER if it does not set them, and the mark.
func Environment(given []string, user users.User, mark string) []string {
	env := make([]string, 0, len(given)+4)
	for _, variable := range given {
		if !strings.HasPrefix(variable, procs.Mark+"=") {
			env = append(env, variable)
		}
	}
	for _, standard := range [][2]string{{"PATH", DefaultPath}, {"HOME", user.Home}, {"USER", user.Name}} {
		if _, has := Get(given, standard[0]); !has {
			env = append(env, standard[0]+"="+standard[1])
		}
	}
	return append(env, procs.Mark+"="+mark)
}

// Get returns a variable; the last of a name counts.
func Get(env []string, name string) (string, bool) {
	for i := len(env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(env[i], name+"="); ok {
			return value, true
		}
	}
	return "", false
}
