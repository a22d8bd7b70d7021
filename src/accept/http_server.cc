#include "http_server.h"

#include <cerrno>
#include <cstring>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>

#include "log.h"

namespace spoa::accept {
namespace {

constexpr int kIdleSeconds = 10;
constexpr int kMaxHeaderBytes = 8 * 1024;
constexpr int kMaxBodyBytes = 64 * 1024;

std::string_view method_of(evhttp_request* request) {
  switch (evhttp_request_get_command(request)) {
    case EVHTTP_REQ_GET:
      return "GET";
    case EVHTTP_REQ_HEAD:
      return "HEAD";
    case EVHTTP_REQ_POST:
      return "POST";
    default:
      return "";
  }
}

bool from_web_page(evhttp_request* request) {
  evkeyvalq* headers = evhttp_request_get_input_headers(request);
  return evhttp_find_header(headers, "Origin") != nullptr ||
         evhttp_find_header(headers, "Sec-Fetch-Site") != nullptr;
}

/// Out of descriptors: libevent would try again at once, for ever.
void pause_accepting(evconnlistener* listener, void* /*http*/) {
  static log::RateLimit limit;
  std::uint64_t suppressed = 0;
  if (limit.allow(suppressed)) {
    log::warn("accept-failed",
              {{"error", std::strerror(errno)}, {"suppressed", suppressed}},
              "admin requests wait; raise the limit of open files (LimitNOFILE=)");
  }
  evconnlistener_disable(listener);
  const auto resume = [](evutil_socket_t, short, void* paused) {
    evconnlistener_enable(static_cast<evconnlistener*>(paused));
  };
  const timeval wait{0, 100'000};
  event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, resume, listener,
                  &wait);
}

void answer(evhttp_request* request, void* handler) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* path = uri == nullptr ? nullptr : evhttp_uri_get_path(uri);
  const HttpRequest asked{method_of(request), path == nullptr ? "" : path,
                          from_web_page(request)};
  const HttpAnswer told =
      (*static_cast<std::function<HttpAnswer(const HttpRequest&)>*>(handler))(asked);

  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", told.content_type.c_str());
  evhttp_add_header(headers, "Cache-Control", "no-store");
  evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
  evbuffer* body = evbuffer_new();
  if (asked.method == "HEAD") {
    // libevent 2.1 would send the body after the answer to a HEAD, too.
    evhttp_add_header(headers, "Content-Length",
                      std::to_string(told.body.size()).c_str());
  } else {
    evbuffer_add(body, told.body.data(), told.body.size());
  }
  evhttp_send_reply(request, told.status, nullptr, body);
  evbuffer_free(body);
}

}  // namespace

HttpServer::HttpServer(Loop& loop, ListenSocket socket,
                       std::function<HttpAnswer(const HttpRequest&)> handler)
    : socket_(std::move(socket)),
      handler_(std::move(handler)),
      http_(evhttp_new(loop.base())) {
  evhttp_set_timeout(http_, kIdleSeconds);
  evhttp_set_max_headers_size(http_, kMaxHeaderBytes);
  evhttp_set_max_body_size(http_, kMaxBodyBytes);
  evhttp_set_allowed_methods(http_, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST);
  evhttp_set_gencb(http_, answer, &handler_);
  evconnlistener* listener = evconnlistener_new(loop.base(), nullptr, nullptr,
                                                LEV_OPT_CLOSE_ON_EXEC, 0, socket_.fd());
  evhttp_bind_listener(http_, listener);
  evconnlistener_set_error_cb(listener, pause_accepting);
}

HttpServer::~HttpServer() { evhttp_free(http_); }

}  // namespace spoa::accept
