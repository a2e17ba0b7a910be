package wire

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const (
	// MaxID is the longest assignment id in bytes.
	MaxID = 512
	// MaxText is the longest text that a result or an event tells a person.
	MaxText = 64 << 10
	// MaxOutputText is the longest text that says why one output was not stored; there may be 4096 of them.
	MaxOutputText = 1 << 10
	// MaxListed is how many assignments a hello names, and MaxListedBytes how long their ids are together: the server reads a
	// hello of at most 64 KiB.
	MaxListed      = 256
	MaxListedBytes = 24 << 10
)

// Text shortens a text to a limit in bytes and says how much is left out.
func Text(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const room = 40 // for what is said of the rest
	cut := limit - room
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes more)", text[:cut], len(text)-cut)
}

// Listed leaves out finished assignments, then running ones, the oldest first, until they fit into a hello. The server sends
// an assignment that is not named again, and it is not run again.
func Listed(all []Assignment) []Assignment {
	count, bytes := 0, 0
	kept := make([]bool, len(all))
	for _, finished := range []bool{false, true} {
		for i := len(all) - 1; i >= 0; i-- {
			if (all[i].State == "finished") != finished || count == MaxListed || bytes+len(all[i].ID) > MaxListedBytes {
				continue
			}
			kept[i], count, bytes = true, count+1, bytes+len(all[i].ID)
		}
	}
	listed := make([]Assignment, 0, count)
	for i, assignment := range all {
		if kept[i] {
			listed = append(listed, assignment)
		}
	}
	return listed
}

// JSON renders a result so that its record's frame may be sent: long texts are shortened. A response and outputs that are too
// long together become an error that says so.
func (r Result) JSON() []byte {
	r.Outcome.Message = Text(r.Outcome.Message, MaxText)
	outputs := make([]Output, len(r.Outputs))
	for i, output := range r.Outputs {
		output.Error = Text(output.Error, MaxOutputText)
		outputs[i] = output
	}
	r.Outputs = outputs
	data := mustJSON(r)
	const room = 1 + RecordHeader + MaxID + SealSize
	if len(data)+room <= MaxLong {
		return data
	}
	message := fmt.Sprintf("the result has %d bytes, of which at most %d can be sent", len(data), MaxLong-room)
	r.Outcome, r.Response, r.Outputs = Failed("output-failed", message), nil, []Output{}
	return mustJSON(r)
}

// JSON renders an event; a long text is shortened.
func (e Event) JSON() []byte {
	e.Text = Text(e.Text, MaxText)
	return mustJSON(e)
}

// mustJSON is for what holds nothing that JSON does not know.
func mustJSON(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}
