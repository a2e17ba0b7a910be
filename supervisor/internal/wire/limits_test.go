package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextBeyondItsLimitIsShortened(t *testing.T) {
	for _, letter := range []string{"x", "ä", "…", "🙂"} {
		for length := 90; length < 300; length++ {
			text := strings.Repeat(letter, length)[:length]
			got := Text(text, 100)
			if length <= 100 && got != text {
				t.Fatalf("%d bytes were changed to %q", length, got)
			}
			if len(got) > 100 {
				t.Fatalf("%d bytes became %d", length, len(got))
			}
			if length > 100 && (!strings.Contains(got, "bytes more)") || utf8.ValidString(strings.Repeat(letter, 300)) && !utf8.ValidString(got)) {
				t.Fatalf("%d bytes became %q", length, got)
			}
		}
	}
}

func TestListedFitsIntoAHello(t *testing.T) {
	var all []Assignment
	all = append(all, Assignment{"running", "running"})
	for i := range 1000 {
		all = append(all, Assignment{fmt.Sprint(i), "finished"})
	}
	listed := Listed(all)
	if len(listed) != MaxListed || listed[0].ID != "running" || listed[1].ID != fmt.Sprint(1000-MaxListed+1) || listed[MaxListed-1].ID != "999" {
		t.Errorf("%d from %v to %v", len(listed), listed[0], listed[len(listed)-1])
	}
	for i := range all {
		all[i].ID = strings.Repeat("i", MaxID)
	}
	if listed := Listed(all); len(listed) != MaxListedBytes/MaxID || listed[0].State != "running" {
		t.Errorf("%d of the longest ids", len(listed))
	}
	if few := all[:3]; len(Listed(few)) != 3 {
		t.Error("few are not all listed")
	}
}

func TestResultFitsIntoAFrame(t *testing.T) {
	response := make([]byte, 8<<20)
	outputs := make([]Output, 4096)
	for i := range outputs {
		outputs[i] = Output{Name: strings.Repeat("n", 100), Error: "e"}
	}
	var back Result
	whole := Result{Outcome: Exited(0), Response: &response, Outputs: outputs}.JSON()
	if err := json.Unmarshal(whole, &back); err != nil || len(*back.Response) != len(response) || len(back.Outputs) != 4096 {
		t.Fatal(err, back.Outcome)
	}
	long, name := strings.Repeat("e", 1<<20), strings.Repeat("n", 1024)
	for i := range outputs {
		outputs[i] = Output{Name: name, Error: long}
	}
	data := Result{Outcome: Exited(0), Response: &response, Outputs: outputs, StartedAt: 7}.JSON()
	if frame := Record(1, 2, KindResult, strings.Repeat("i", MaxID), append(make([]byte, SealSize), data...)); len(frame)-4 > MaxLong {
		t.Errorf("a frame of %d bytes", len(frame))
	}
	back = Result{}
	if err := json.Unmarshal(data, &back); err != nil || back.Outcome.Reason != "output-failed" || !strings.Contains(back.Outcome.Message, "at most") || back.StartedAt != 7 {
		t.Error(err, back.Outcome)
	}
}

func TestLongTextsOfResultsAndEventsAreShortened(t *testing.T) {
	long := strings.Repeat("<", 1<<20)
	var result Result
	must(t, json.Unmarshal(Result{Outcome: Failed("start-failed", long), Outputs: []Output{{Name: "o", Error: long}}}.JSON(), &result))
	if len(result.Outcome.Message) > MaxText || len(result.Outputs[0].Error) > MaxOutputText {
		t.Error(len(result.Outcome.Message), len(result.Outputs[0].Error))
	}
	data := Event{Event: "notice", Text: long}.JSON()
	var event Event
	must(t, json.Unmarshal(data, &event))
	if len(event.Text) > MaxText || len(Record(1, 2, KindEvent, strings.Repeat("i", MaxID), data))-4 > MaxShort {
		t.Error(len(event.Text), len(data))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
