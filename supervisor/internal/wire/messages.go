package wire

// Hello is the first message of a channel.
type Hello struct {
	Type        string       `json:"type"`
	Protocol    int          `json:"protocol"`
	Purpose     string       `json:"purpose"`
	Container   string       `json:"container"`
	UID         string       `json:"uid,omitempty"`
	Proof       Proof        `json:"proof"`
	Version     string       `json:"version"`
	Arch        string       `json:"arch"`
	Restarts    int          `json:"restarts"`
	Assignments []Assignment `json:"assignments,omitempty"`
	FirstSeq    uint64       `json:"firstSeq,omitempty"`
	NextSeq     uint64       `json:"nextSeq,omitempty"`
}

// Proof has one field set.
type Proof struct {
	Session string `json:"session,omitempty"`
	Token   string `json:"token,omitempty"`
	First   bool   `json:"first,omitempty"`
}

// Assignment is the state of an assignment in a hello: running or finished.
type Assignment struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

// Incoming has the fields of all messages of the server except assign.
type Incoming struct {
	Type    string `json:"type"`
	Session string `json:"session"`
	// Resumed is set if the supervisor had no session key any more; Session is a new one then.
	Resumed bool   `json:"resumed"`
	Acked   uint64 `json:"acked"`
	Reason  string `json:"reason"`
	Final   bool   `json:"final"`
	Seq     uint64 `json:"seq"`
	ID      string `json:"id"`
	Data    []byte `json:"data"`
	EOF     bool   `json:"eof"`
	Columns uint16 `json:"columns"`
	Rows    uint16 `json:"rows"`
	Seconds int64  `json:"seconds"`
	Digest  string `json:"digest"`
	Size    int64  `json:"size"`
	Receipt string `json:"receipt"`
	Message string `json:"message"`
	// Retryable is set if the same request may succeed later.
	Retryable bool       `json:"retryable"`
	Artifacts []Artifact `json:"artifacts"`
}

// Artifact names an artifact by digest, with its size in bytes.
type Artifact struct {
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

// Assign is the server's assign message.
type Assign struct {
	ID      string  `json:"id"`
	Process Process `json:"process"`
	// Stdin is nil when absent.
	Stdin         *[]byte `json:"stdin"`
	Stdout        string  `json:"stdout"`
	ResponseLimit int     `json:"responseLimit"`
	Inputs        []Mount `json:"inputs"`
	Outputs       []Mount `json:"outputs"`
	Caches        []Mount `json:"caches"`
	// OutputLimit bounds the bytes of each output and cache; 0 is no limit.
	OutputLimit int64    `json:"outputLimit"`
	Mkdir       []string `json:"mkdir"`
	Chown       bool     `json:"chown"`
	TimeoutMs   int64    `json:"timeoutMs"`
	GraceMs     *int64   `json:"graceMs"`
	DrainMs     *int64   `json:"drainMs"`
	Interactive bool     `json:"interactive"`
	// Inherit takes what the process does not set from the process of the latest main assignment.
	Inherit bool `json:"inherit"`
	// KeepDescendants leaves descendants running when the process has ended.
	KeepDescendants bool `json:"keepDescendants"`
}

// Process describes the process to run.
type Process struct {
	Path string   `json:"path"`
	Args []string `json:"args"`
	Env  []string `json:"env"`
	Dir  string   `json:"dir"`
	User string   `json:"user"`
	TTY  *Size    `json:"tty"`
}

// Size of a terminal.
type Size struct {
	Columns uint16 `json:"columns"`
	Rows    uint16 `json:"rows"`
}

// Mount is an input, output or cache; Digest is empty for outputs and new caches.
type Mount struct {
	Name   string `json:"name"`
	Path   string `json:"path"`
	Digest string `json:"digest,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// Outcome is the result's tagged union.
type Outcome struct {
	Kind    string `json:"kind"`
	Status  *int   `json:"status,omitempty"`
	Signal  string `json:"signal,omitempty"`
	OOM     *bool  `json:"oom,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// Exited is the outcome of a process that ended by itself.
func Exited(status int) Outcome { return Outcome{Kind: "exited", Status: &status} }

// Signaled is the outcome of a process that died by a signal.
func Signaled(signal string, oom bool) Outcome {
	return Outcome{Kind: "signaled", Signal: signal, OOM: &oom}
}

// Failed is the outcome of an assignment that failed before or after its process.
func Failed(reason, message string) Outcome {
	return Outcome{Kind: "error", Reason: reason, Message: message}
}

// Killed is the outcome of an assignment whose supervisor was killed.
func Killed(oom bool, message string) Outcome {
	return Outcome{Kind: "killed", OOM: &oom, Message: message}
}

// NeverStarted is the outcome of an assignment that was aborted before its process started.
func NeverStarted() Outcome { return Outcome{Kind: "never-started"} }

// Result is the last record of an assignment. Times are unix milliseconds.
type Result struct {
	Outcome   Outcome  `json:"outcome"`
	Aborted   bool     `json:"aborted"`
	TimedOut  bool     `json:"timedOut"`
	StartedAt int64    `json:"startedAt,omitempty"`
	ExitedAt  int64    `json:"exitedAt,omitempty"`
	Response  *[]byte  `json:"response,omitempty"`
	Outputs   []Output `json:"outputs"`
}

// Output is a stored output or cache, or why it was not stored.
type Output struct {
	Name   string `json:"name"`
	Digest string `json:"digest,omitempty"`
	Size   *int64 `json:"size,omitempty"`
	// Receipt is the server's signed confirmation that it has stored the artifact for this container.
	Receipt string `json:"receipt,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Event is the data of an event record.
type Event struct {
	Event  string `json:"event"`
	PID    int    `json:"pid,omitempty"`
	Name   string `json:"name,omitempty"`
	Digest string `json:"digest,omitempty"`
	Size   *int64 `json:"size,omitempty"`
	Text   string `json:"text,omitempty"`
}
