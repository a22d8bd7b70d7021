#include "http_server.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

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
constexpr ev_uint16_t kAllMethods =
    0xffff;  // the handler refuses, and says what it takes

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

void send(evhttp_request* request, const HttpAnswer& answer) {
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", answer.content_type.c_str());
  evhttp_add_header(headers, "Cache-Control", "no-store");
  evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
  if (!answer.allow.empty()) evhttp_add_header(headers, "Allow", answer.allow.c_str());
  evbuffer* body = evbuffer_new();
  if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
    // libevent 2.1 would send the body after the answer to a HEAD, too.
    evhttp_add_header(headers, "Content-Length",
                      std::to_string(answer.body.size()).c_str());
  } else {
    evbuffer_add(body, answer.body.data(), answer.body.size());
  }
  // libevent does not know it.
  const char* const reason = answer.status == 422 ? "Unprocessable Content" : nullptr;
  evhttp_send_reply(request, answer.status, reason, body);
  evbuffer_free(body);
}

/// A request that waits for its answer; its connection may end before.
class Waiting {
 public:
  explicit Waiting(evhttp_request* request) : request_(request) {
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), closed, this);
  }
  ~Waiting() { answer({500, "text/plain; charset=utf-8", "no answer\n", {}}); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  void answer(const HttpAnswer& answer) {
    if (request_ == nullptr) return;
    evhttp_request* const request = std::exchange(request_, nullptr);
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), nullptr,
                                  nullptr);
    send(request, answer);
  }

 private:
  static void closed(evhttp_connection* /*connection*/, void* self) {
    evhttp_request* const request =
        std::exchange(static_cast<Waiting*>(self)->request_, nullptr);
    // A connection that fails leaves the request it has not answered to us; one that is
    // freed with the server takes it along.
    if (evhttp_request_get_connection(request) == nullptr) evhttp_request_free(request);
  }

  evhttp_request* request_;
};

void ask(evhttp_request* request, void* handler) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* path = uri == nullptr ? nullptr : evhttp_uri_get_path(uri);
  const HttpRequest asked{method_of(request), path == nullptr ? "" : path,
                          from_web_page(request)};
  (*static_cast<HttpServer::Handler*>(handler))(
      asked, [waiting = std::make_shared<Waiting>(request)](const HttpAnswer& answer) {
        waiting->answer(answer);
      });
}

}  // namespace

HttpServer::HttpServer(Loop& loop, ListenSocket socket, Handler handler)
    : socket_(std::move(socket)),
      handler_(std::move(handler)),
      http_(evhttp_new(loop.base())) {
  evhttp_set_timeout(http_, kIdleSeconds);
  evhttp_set_max_headers_size(http_, kMaxHeaderBytes);
  evhttp_set_max_body_size(http_, kMaxBodyBytes);
  evhttp_set_allowed_methods(http_, kAllMethods);
  evhttp_set_gencb(http_, ask, &handler_);
  evconnlistener* listener = evconnlistener_new(loop.base(), nullptr, nullptr,
                                                LEV_OPT_CLOSE_ON_EXEC, 0, socket_.fd());
  evhttp_bind_listener(http_, listener);
  evconnlistener_set_error_cb(listener, pause_accepting);
}

HttpServer::~HttpServer() { evhttp_free(http_); }

}  // namespace spoa::accept
