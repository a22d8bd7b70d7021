// The pages of the admin listener.
#pragma once

#include <functional>
#include <string>

#include "accept/http_server.h"

namespace spoa::serve {

/// What the pages ask, on the loop thread.
struct AdminPages {
  std::function<std::string()> metrics;
  std::function<bool()> ready;
  /// POST /reload: answers when the reload has ended.
  std::function<void(accept::HttpReply)> reload;
};

/// Answers one request, now or later. An unknown path is 404, a wrong method 405 with the
/// right ones; what a web page asks for it may not change anything with: 403.
void answer(const AdminPages& pages, const accept::HttpRequest& request,
            accept::HttpReply reply);

}  // namespace spoa::serve
