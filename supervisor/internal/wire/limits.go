package wire

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

const (
	// MaxID is the longest assignment id in bytes.
	MaxID = 512
	// MaxText is the longest text for people in a result or an event.
	MaxText = 64 << 10
	// MaxOutputText is the longest text about why an output was not stored; a result may have 4096 of them.
	MaxOutputText = 1 << 10
	// MaxListed is how many assignments a hello names at most, and MaxListedBytes how long their ids are together: the server
	// accepts a hello of at most 64 KiB.
	MaxListed      = 256
	MaxListedBytes = 24 << 10
)

// Text shortens a text to a limit in bytes, with a note of how much is left out.
func Text(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const room = 40 // for the note about the rest
	cut := limit - room
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… (%d bytes more)", text[:cut], len(text)-cut)
}

// Listed leaves out finished assignments, and then running ones, the oldest first, until the rest fits into a hello. An assignment
// that is not named is sent again by the server, and is not run again.
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

// JSON encodes a result so that it fits into a record's frame: long texts are shortened, and a response and outputs that are
// too long together are replaced by an error that says so.
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

// JSON encodes an event. A long text is shortened.
func (e Event) JSON() []byte {
	e.Text = Text(e.Text, MaxText)
	return mustJSON(e)
}

// mustJSON encodes a value that can always be encoded.
func mustJSON(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}
