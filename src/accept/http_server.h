// A small HTTP server for the admin pages, on the loop thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "listener.h"
#include "loop.h"

struct evhttp;

namespace spoa::accept {

struct HttpRequest {
  std::string_view method;  ///< `GET`, `HEAD`, `POST`, or "" for any other
  std::string_view path;    ///< without the query
  bool from_web_page =
      false;  ///< a browser sent it on behalf of some page (Origin, Sec-Fetch-Site)
};

struct HttpAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  ///< of a 405: the methods there are
};

/// Answers one request: call it once, on the loop thread, at once or later. The peer, and
/// the server too, may be gone by then; then it does nothing. Dropped without a call, it
/// answers 500.
using HttpReply = std::function<void(const HttpAnswer&)>;

/// Answers HTTP/1.1 on the given socket. Loop thread only. Peers are bounded: 8 KiB of
/// header, 64 KiB of body, 10 seconds without progress. While a request waits for its
/// reply, nothing more is read from its connection.
class HttpServer {
 public:
  /// The request is valid during the call alone.
  using Handler = std::function<void(const HttpRequest&, HttpReply)>;

  HttpServer(Loop& loop, ListenSocket socket, Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return socket_.name(); }

 private:
  ListenSocket socket_;
  Handler handler_;
  evhttp* http_;
};

}  // namespace spoa::accept
