package wire

import (
	"crypto/hmac"
	"crypto/sha256"
)

// SealSize is how much of a result record's data stands before the JSON.
const SealSize = sha256.Size

// Seal is HMAC-SHA256, with the session key, of an assignment's id and its result's JSON.
func Seal(session, id string, result []byte) (seal [SealSize]byte) {
	mac := hmac.New(sha256.New, []byte(session))
	mac.Write([]byte("airside result\x00" + id + "\x00"))
	mac.Write(result)
	mac.Sum(seal[:0])
	return seal
}
