// TLS for a listener: certificates in, sessions out. Only `accept` uses OpenSSL.
#pragma once

#include <memory>
#include <optional>

#include "spoa/result.h"
#include "spoa/settings.h"

struct ssl_ctx_st;
struct ssl_st;

namespace spoa::accept {

struct FreeSsl {
  void operator()(ssl_st* ssl) const noexcept;
};
using SslPtr = std::unique_ptr<ssl_st, FreeSsl>;

/// The certificate and the rules of one listener, as they were when loaded. Immutable: a
/// reload makes a new one, and connections keep the one they began with. Any thread.
class TlsContext {
 public:
  /// TLS 1.2 and 1.3. With `client_ca`, peers without a certificate signed by it are
  /// refused. Errors: the file, with OpenSSL's reason. A certificate that has expired is
  /// refused, too.
  static Result<std::shared_ptr<const TlsContext>, Problem> load(const TlsFiles& files);

  /// A warning, if its certificate ends within two weeks.
  [[nodiscard]] std::optional<Problem> ends_soon(const TlsFiles& files) const;

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// For one accepted connection.
  [[nodiscard]] SslPtr new_session() const;

 private:
  explicit TlsContext(ssl_ctx_st* context) noexcept : context_(context) {}

  ssl_ctx_st* context_;
};

}  // namespace spoa::accept
