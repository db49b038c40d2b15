#pragma once

// Of OpenSSL what reads certificates and signs with their keys, and a TLS client that looks at the certificate itself.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Macros that Swift does not see.
static inline int require_tls_1_2(SSL_CTX *context) { return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION); }
static inline int name_server(SSL *connection, const char *host) { return SSL_set_tlsext_host_name(connection, host); }
