package link

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"net"
	"time"
)

const handshakeTimeout = 10 * time.Second

var errPin = errors.New("the other side does not hold the server's key")

// secure makes this side the TLS client of a stream, whichever side dialled. Names and chains are not checked: the key is pinned.
func secure(ctx context.Context, stream net.Conn, pin []byte) (net.Conn, error) {
	client := tls.Client(stream, &tls.Config{
		MinVersion:                  tls.VersionTLS13,
		NextProtos:                  []string{"airside/1"},
		InsecureSkipVerify:          true, // the pinned key is checked instead
		SessionTicketsDisabled:      true,
		DynamicRecordSizingDisabled: true,
		CurvePreferences:            []tls.CurveID{tls.X25519, tls.CurveP256},
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return errPin
			}
			key := sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo)
			if subtle.ConstantTimeCompare(key[:], pin) != 1 {
				return errPin
			}
			return nil
		},
	})
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	if err := client.HandshakeContext(ctx); err != nil {
		stream.Close()
		return nil, err
	}
	if client.ConnectionState().NegotiatedProtocol != "airside/1" {
		stream.Close()
		return nil, errors.New("the other side does not speak airside/1")
	}
	return client, nil
}
