#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>

#include <fmt/format.h>

namespace spoa::accept {
namespace {

Problem failure(const std::string& file, std::string_view what, std::string_view remedy) {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return {file, 0, 0,
          reason == nullptr ? std::string(what) : fmt::format("{}: {}", what, reason),
          std::string(remedy)};
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // HAProxy's health checks end without a close_notify.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Needed for resumption where client certificates are asked for.
  static constexpr unsigned char kSessionContext[] = "spoa-modsecurity";
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof kSessionContext - 1);
}

constexpr std::time_t kTwoWeeks = 14 * 24 * 3600;

bool ends_before(SSL_CTX* context, std::time_t time) {
  const X509* certificate = SSL_CTX_get0_certificate(context);
  return X509_cmp_time(X509_get0_notAfter(certificate), &time) < 0;
}

}  // namespace

void FreeSsl::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<const TlsContext>, Problem> TlsContext::load(
    const TlsFiles& files) {
  ERR_clear_error();
  const std::shared_ptr<TlsContext> made(
      new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* context = made->context_;
  if (context == nullptr) {
    return failure(files.certificate, "OpenSSL gives no TLS context", "is there memory?");
  }
  set_rules(context);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return failure(files.certificate, "no certificate chain in PEM format",
                   "write the certificate first, then those that signed it");
  }
  if (ends_before(context, std::time(nullptr))) {
    return failure(files.certificate, "the certificate has expired",
                   "put a new one in its place");
  }
  const std::string& key = files.key.empty() ? files.certificate : files.key;
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return failure(key, "no private key in PEM format that fits the certificate",
                   "take the key the certificate was made for");
  }
  if (!files.client_ca.empty()) {
    if (SSL_CTX_load_verify_locations(context, files.client_ca.c_str(), nullptr) != 1) {
      return failure(files.client_ca, "no certificates in PEM format",
                     "write the certificates of those who sign the clients'");
    }
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(files.client_ca.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       nullptr);
  }
  return std::shared_ptr<const TlsContext>(made);
}

std::optional<Problem> TlsContext::ends_soon(const TlsFiles& files) const {
  if (!ends_before(context_, std::time(nullptr) + kTwoWeeks)) return std::nullopt;
  return failure(files.certificate, "the certificate ends within two weeks",
                 "put a new one in its place, and reload");
}

SslPtr TlsContext::new_session() const { return SslPtr(SSL_new(context_)); }

}  // namespace spoa::accept
