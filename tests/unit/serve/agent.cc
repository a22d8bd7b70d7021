#include "agent.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

namespace spoa::serve {
namespace {

void write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

int connect_to(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &name.sin_addr);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    ADD_FAILURE() << "cannot connect to " << address;
  }
  return fd;
}

/// A rule's script by its word.
std::string with_script(std::string rules, const std::string& word,
                        const std::filesystem::path& script) {
  const std::size_t at = rules.find(word);
  if (at != std::string::npos) rules.replace(at, word.size(), "exec:" + script.string());
  return rules;
}

}  // namespace

Agent::Agent(const With& with) : with_(with) {
  std::string name = (std::filesystem::temp_directory_path() / "agent-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  write(folder_ / "slow.lua",
        "function main()\n  os.execute('sleep 1')\n  return nil\nend\n");
  const std::string go = (folder_ / "go").string();
  write(folder_ / "stuck.lua",
        "function main()\n  while not io.open('" + go +
            "') do\n    os.execute('sleep 0.02')\n  end\n  return nil\nend\n");
  write(folder_ / "rules.conf",
        "SecRuleEngine On\nSecRequestBodyAccess On\n"
        "SecRule REQUEST_URI \"@beginsWith /slow\" \"id:1,phase:1,pass,nolog,exec:" +
            (folder_ / "slow.lua").string() + "\"\n" +
            "SecRule ARGS|REQUEST_BODY|REQUEST_HEADERS \"@contains attack\" "
            "\"id:2,phase:2,deny,log,msg:'attack'\"\n" +
            with_script(with_script(with.rules, "exec:SLOW", folder_ / "slow.lua"),
                        "exec:STUCK", folder_ / "stuck.lua"));
  write_settings();
  start(with.preload);
  await_log("event=ready");
  spop_ = address_after("spop");
  admin_ = address_after("http");
}

void Agent::write_settings() const {
  write(
      folder_ / "settings.yaml",
      "listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nevents: events.jsonl\nlog-level: debug\n"
      "workers: " +
          std::to_string(with_.workers) + "\n" + with_.settings +
          "applications:\n  shop:\n    rules: rules.conf\n" + with_.policy);
}

Agent::~Agent() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait();
  }
  if (testing::Test::HasFailure()) std::fputs(log().c_str(), stderr);
  std::filesystem::remove_all(folder_);
}

void Agent::start(const std::string& preload) {
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int log_fd =
      ::open((folder_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(log_fd, STDOUT_FILENO);
  ::dup2(log_fd, STDERR_FILENO);
  if (!preload.empty()) {
    ::setenv("LD_PRELOAD", preload.c_str(), 1);
    // AddressSanitizer wants to be the first library.
    ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
  }
  const std::string settings = (folder_ / "settings.yaml").string();
  ::execl(SPOA_PROGRAM, SPOA_PROGRAM, "--config", settings.c_str(), nullptr);
  ::_exit(127);
}

void Agent::await_log(std::string_view text) {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (log().find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > give_up ||
        ::waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = -1;
      throw std::runtime_error("not in the log: " + std::string(text) + "\n" + log());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::string Agent::address_after(std::string_view protocol) const {
  std::istringstream lines(log());
  for (std::string line; std::getline(lines, line);) {
    if (line.find("protocol=" + std::string(protocol)) == std::string::npos) continue;
    const std::size_t begin = line.find("address=") + 8;
    return line.substr(begin, line.find(' ', begin) - begin);
  }
  return {};
}

spop::Client Agent::client() const {
  auto connected = spop::Client::connect(spop_, kPatience);
  if (!connected) throw std::runtime_error(connected.error().text);
  return std::move(*connected);
}

spop::Client Agent::ready_client() const {
  spop::Client connected = client();
  const auto hello = connected.hello({});
  if (!hello) throw std::runtime_error(hello.error().text);
  return connected;
}

void Agent::let_go() const { write(folder_ / "go", "on"); }

void Agent::signal(int number) const { ::kill(pid_, number); }

int Agent::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string Agent::admin(const std::string& path, const std::string& method) const {
  const int fd = connect_to(admin_);
  const std::string ask = method + " " + path + " HTTP/1.0\r\n\r\n";
  EXPECT_EQ(::send(fd, ask.data(), ask.size(), 0), static_cast<ssize_t>(ask.size()));
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}

std::string Agent::reload(const std::string& settings) {
  with_.settings = settings;
  write_settings();
  const std::string answer = admin("/reload", "POST");
  return answer.substr(std::min(answer.find("\r\n\r\n"), answer.size()));
}

double Agent::metric(const std::string& series) const {
  const std::string metrics = admin("/metrics");
  const std::string line = "\n" + series + " ";
  const std::size_t at = metrics.find(line);
  return at == std::string::npos ? -1 : std::stod(metrics.substr(at + line.size()));
}

bool Agent::becomes(const std::string& series, double value) const {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < give_up) {
    if (metric(series) == value) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

bool Agent::counts_soon(const std::string& series) const {
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  const std::string line = "\n" + series + " ";
  while (std::chrono::steady_clock::now() < give_up) {
    const std::string metrics = admin("/metrics");
    const std::size_t at = metrics.find(line);
    if (at == std::string::npos) return false;
    if (metrics[at + line.size()] != '0') return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::string Agent::log() const { return read(folder_ / "log"); }
std::string Agent::events() const { return read(folder_ / "events.jsonl"); }

Agent::With one_worker(const std::string& settings) {
  Agent::With with;
  with.workers = 1;
  with.settings = settings;
  return with;
}

void send(spop::Client& client, const std::string& path, std::uint64_t stream) {
  ASSERT_TRUE(client.notify(stream, 1, {request(path)}));
}

spop::Message request(const std::string& path, const std::string& query,
                      const std::string& body) {
  return {"check-request",
          {{"id", spop::text("id" + path)},
           {"method", spop::text(body.empty() ? "GET" : "POST")},
           {"path", spop::text(path)},
           {"query", query.empty() ? spop::null() : spop::text(query)},
           {"version", spop::text("1.1")},
           {"headers", spop::binary(spop::encode_headers(
                           {{"host", "shop.example"}, {"user-agent", "test"}}))},
           {"body-size", spop::integer(static_cast<std::int64_t>(body.size()))},
           {"body", spop::binary(body)}}};
}

std::string text_of(const spop::Ack& ack, std::string_view name) {
  const spop::Data* data = ack.find(name);
  return data == nullptr ? "(unset)" : data->bytes;
}

spop::Ack next_ack(spop::Client& client) {
  auto ack = client.read_ack();
  if (!ack) {
    ADD_FAILURE() << "no ACK: " << ack.error().text;
    return {};
  }
  return std::move(*ack);
}

spop::Ack ask(spop::Client& client, const spop::Message& message, std::uint64_t stream) {
  const auto sent = client.notify(stream, 1, {message});
  if (!sent) ADD_FAILURE() << sent.error().text;
  return next_ack(client);
}

}  // namespace spoa::serve
