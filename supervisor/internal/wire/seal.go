package wire

import (
	"crypto/hmac"
	"crypto/sha256"
)

// SealSize is the length of the seal, which stands before the JSON in the data of a result record.
const SealSize = sha256.Size

// Seal returns the HMAC-SHA256, with the session key, of an assignment's id and the JSON of its result.
func Seal(session, id string, result []byte) (seal [SealSize]byte) {
	mac := hmac.New(sha256.New, []byte(session))
	mac.Write([]byte("airside result\x00" + id + "\x00"))
	mac.Write(result)
	mac.Sum(seal[:0])
	return seal
}
