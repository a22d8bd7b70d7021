#include "http_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace spoa::accept {
namespace {

/// A peer with a blocking socket.
class Peer {
 public:
  explicit Peer(const std::string& address)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    name.sin_port = htons(
        static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
      ADD_FAILURE() << "cannot connect to " << address;
    }
  }
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void ask(const std::string& method, const std::string& headers = "") const {
    const std::string text = method + " /page?x=1 HTTP/1.0\r\n" + headers + "\r\n";
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// Head and body; empty when the connection ended without an answer.
  [[nodiscard]] std::string answer() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }
  /// Closing sends a reset, which the kernel of the other side sees at once.
  void will_reset() const {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }

 private:
  int fd_;
};

/// A server that keeps every reply, until the test uses it.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    const Address free_port{Address::Kind::kTcp, "127.0.0.1", 0, {}};
    auto sockets = open_listen_sockets({free_port, {}, {}, {}}, "admin");
    server_ =
        std::make_unique<HttpServer>(loop_, std::move(sockets->front()),
                                     [this](const HttpRequest& request, HttpReply reply) {
                                       methods_.emplace_back(request.method);
                                       paths_.emplace_back(request.path);
                                       from_page_ = request.from_web_page;
                                       replies_.push_back(std::move(reply));
                                       if (replies_.size() == stop_at_) loop_.stop();
                                     });
    name_ = server_->name();
  }

  /// Runs the loop until so many requests wait for their reply.
  void run_until_asked(std::size_t times) {
    stop_at_ = times;
    loop_.run();
  }
  /// What the peer reads, while the loop runs.
  std::string read(const Peer& peer) {
    std::string text;
    std::thread reader([&] {
      text = peer.answer();
      wakeup_.wake();
    });
    loop_.run();
    reader.join();
    return text;
  }

  Loop loop_;
  Wakeup wakeup_{loop_, [this] { loop_.stop(); }};
  std::vector<std::string> methods_;
  std::vector<std::string> paths_;
  bool from_page_ = false;
  std::size_t stop_at_ = 0;
  std::vector<HttpReply> replies_;  // before the server, in half of the tests
  std::unique_ptr<HttpServer> server_;
  std::string name_;
};

TEST_F(HttpServerTest, AnswersLaterAndInAnyOrder) {
  const Peer first(name_);
  const Peer second(name_);
  first.ask("POST");
  run_until_asked(1);
  second.ask("GET");
  run_until_asked(2);
  replies_[1]({200, "text/plain", "second\n", {}});
  EXPECT_TRUE(read(second).ends_with("\r\n\r\nsecond\n"));
  replies_[0]({405, "text/plain", "first\n", "GET, HEAD"});
  const std::string told = read(first);
  EXPECT_TRUE(told.starts_with("HTTP/1.0 405 ")) << told;
  EXPECT_NE(told.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos) << told;
  EXPECT_TRUE(told.ends_with("\r\n\r\nfirst\n")) << told;
  EXPECT_EQ(methods_, (std::vector<std::string>{"POST", "GET"}));
  EXPECT_EQ(paths_[0], "/page") << "without the query";
}

TEST_F(HttpServerTest, TellsWhatIsNoMethodOfItsOwnAndWhatAWebPageAsks) {
  const Peer peer(name_);
  peer.ask("DELETE", "Sec-Fetch-Site: cross-site\r\n");
  run_until_asked(1);
  EXPECT_EQ(methods_[0], "");
  EXPECT_TRUE(from_page_);
  replies_[0]({403, "text/plain", "no\n", {}});
  EXPECT_TRUE(read(peer).starts_with("HTTP/1.0 403 "));
}

// libevent frees, or leaves to us, the request of a connection that ends.
TEST_F(HttpServerTest, BearsAPeerThatIsGoneBeforeItsAnswer) {
  {
    const Peer leaver(name_);
    leaver.ask("POST");
    run_until_asked(1);
    leaver.will_reset();
  }
  const Peer next(name_);
  next.ask("POST");
  run_until_asked(2);
  replies_[0]({200, "text/plain", std::string(1 << 20, 'x'), {}});
  replies_[0]({200, "text/plain", "a second time\n", {}});
  replies_[1]({200, "text/plain", "still there\n", {}});
  EXPECT_TRUE(read(next).ends_with("still there\n"));
}

TEST_F(HttpServerTest, MayBeGoneBeforeItsReplies) {
  const Peer peer(name_);
  peer.ask("POST");
  run_until_asked(1);
  server_ = nullptr;
  replies_[0]({200, "text/plain", "too late\n", {}});
  EXPECT_EQ(peer.answer(), "");
}

TEST_F(HttpServerTest, AnswersForAReplyThatWasDropped) {
  const Peer peer(name_);
  peer.ask("POST");
  run_until_asked(1);
  replies_.clear();
  EXPECT_TRUE(read(peer).starts_with("HTTP/1.0 500 "));
}

TEST_F(HttpServerTest, MayBeLeftWithARequestThatWaits) {
  const Peer peer(name_);
  peer.ask("POST");
  run_until_asked(1);
  SUCCEED() << "the fixture drops the server first, then the reply";
}

}  // namespace
}  // namespace spoa::accept
