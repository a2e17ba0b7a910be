// vault-server runs Vault in memory, unsealed, for tests: KV, AppRole, certificate and user logins.
// It prints one JSON line with its root token when it listens.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"

	log "github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/builtin/credential/cert"
	"github.com/hashicorp/vault/builtin/credential/userpass"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/inmem"
	"github.com/hashicorp/vault/vault"
)

var (
	secretsEngines = map[string]logical.Factory{"kv": kv.Factory}
	authMethods    = map[string]logical.Factory{"approle": approle.Factory, "cert": cert.Factory, "userpass": userpass.Factory}
)

// builtin is what this program has of Vault's own plugins.
type builtin struct{}

func factories(of consts.PluginType) map[string]logical.Factory {
	switch of {
	case consts.PluginTypeSecrets:
		return secretsEngines
	case consts.PluginTypeCredential:
		return authMethods
	}
	return nil
}

func (builtin) Get(name string, of consts.PluginType) (func() (interface{}, error), bool) {
	factory, found := factories(of)[name]
	return func() (interface{}, error) { return factory, nil }, found
}

func (builtin) Contains(name string, of consts.PluginType) bool {
	_, found := factories(of)[name]
	return found
}

func (builtin) Keys(of consts.PluginType) []string {
	var names []string
	for name := range factories(of) {
		names = append(names, name)
	}
	return names
}

func (builtin) DeprecationStatus(name string, of consts.PluginType) (consts.DeprecationStatus, bool) {
	_, found := factories(of)[name]
	return consts.Supported, found
}

func (builtin) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	certFile := flag.String("cert", "", "certificate; with it the server speaks TLS")
	keyFile := flag.String("key", "", "key of the certificate")
	flag.Parse()
	if err := serve(*address, *certFile, *keyFile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(address, certFile, keyFile string) error {
	logger := log.New(&log.LoggerOptions{Level: log.Warn})
	storage, err := inmem.NewInmem(nil, logger)
	if err != nil {
		return err
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		StorageType:        "inmem",
		Logger:             logger,
		DisableMlock:       true,
		LogicalBackends:    secretsEngines,
		CredentialBackends: authMethods,
		BuiltinRegistry:    builtin{},
	})
	if err != nil {
		return err
	}
	ctx := context.Background()
	made, err := core.Initialize(ctx, &vault.InitParams{
		BarrierConfig:  &vault.SealConfig{SecretShares: 1, SecretThreshold: 1},
		RecoveryConfig: &vault.SealConfig{SecretShares: 1, SecretThreshold: 1},
	})
	if err != nil {
		return err
	}
	if _, err := core.Unseal(made.SecretShares[0]); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{Core: core, ListenerConfig: &configutil.Listener{}})
	server := &http.Server{Handler: handler}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]string{"address": listener.Addr().String(), "token": made.RootToken})
	if certFile == "" {
		return server.Serve(listener)
	}
	// A certificate login needs the client's certificate, from whatever authority.
	server.TLSConfig = &tls.Config{ClientAuth: tls.RequestClientCert, ClientCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	return server.ServeTLS(listener, certFile, keyFile)
}
