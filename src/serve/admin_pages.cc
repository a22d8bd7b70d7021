#include "admin_pages.h"

#include <utility>

namespace spoa::serve {
namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

accept::HttpAnswer wrong_method(const char* allowed) {
  return {405, kText, std::string("method not allowed; here: ") + allowed + "\n",
          allowed};
}

void answer_reload(const AdminPages& pages, const accept::HttpRequest& request,
                   accept::HttpReply reply) {
  if (request.method != "POST") {
    reply(wrong_method("POST"));
  } else if (request.from_web_page) {
    reply({403, kText, "a web page asked for it, not the operator\n", {}});
  } else {
    pages.reload(std::move(reply));
  }
}

}  // namespace

void answer(const AdminPages& pages, const accept::HttpRequest& request,
            accept::HttpReply reply) {
  if (request.path == "/reload") {
    answer_reload(pages, request, std::move(reply));
    return;
  }
  const bool is_page = request.path == "/metrics" || request.path == "/healthz" ||
                       request.path == "/readyz";
  if (!is_page) {
    reply({404, kText, "not found; try /metrics, /healthz or /readyz\n", {}});
  } else if (request.method != "GET" && request.method != "HEAD") {
    reply(wrong_method("GET, HEAD"));
  } else if (request.path == "/metrics") {
    reply({200, "text/plain; version=0.0.4; charset=utf-8", pages.metrics(), {}});
  } else if (request.path == "/healthz") {
    reply({200, kText, "ok\n", {}});
  } else {
    const bool ready = pages.ready();
    reply({ready ? 200 : 503, kText, ready ? "ready\n" : "draining\n", {}});
  }
}

}  // namespace spoa::serve
