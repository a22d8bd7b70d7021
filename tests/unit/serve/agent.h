// The program, started for one test on free ports, and stopped with it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "client.h"
#include "codec.h"

namespace spoa::serve {

// Only there so that nothing hangs: sanitizers are slow, and machines busy.
inline constexpr std::chrono::seconds kPatience{60};

class Agent {
 public:
  /// Rules and settings of the test, after its usual ones.
  struct With {
    std::string rules;     ///< appended to the rules file; `exec:SLOW` takes a second,
                           ///< `exec:STUCK` until let_go()
    std::string settings;  ///< appended to the top level of the settings
    std::string policy;    ///< appended to the application, indented by four
    std::string preload;   ///< a library loaded in front of the others
    int workers = 2;
  };

  Agent() : Agent(With{}) {}
  explicit Agent(const With& with);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Connected, HELLO done.
  [[nodiscard]] spop::Client ready_client() const;
  /// Connected.
  [[nodiscard]] spop::Client client() const;

  void let_go() const;

  void signal(int number) const;
  /// Waits for its end and returns the exit status; -1 when a signal ended it.
  int wait();

  /// What an admin page answers, head and body.
  [[nodiscard]] std::string admin(const std::string& path,
                                  const std::string& method = "GET") const;
  /// Writes the file anew, with other With::settings, and reloads; the answer's body.
  [[nodiscard]] std::string reload(const std::string& settings);
  /// The value of a series of /metrics; -1: there is none.
  [[nodiscard]] double metric(const std::string& series) const;
  /// Waits until it has this value; false: it does not come to it.
  [[nodiscard]] bool becomes(const std::string& series, double value) const;
  /// Whether this series of /metrics comes to be more than 0.
  [[nodiscard]] bool counts_soon(const std::string& series) const;
  [[nodiscard]] std::string log() const;
  [[nodiscard]] std::string events() const;
  /// Waits until the log holds the text; throws when the program ends before.
  void await_log(std::string_view text);

 private:
  void write_settings() const;
  void start(const std::string& preload);
  [[nodiscard]] std::string address_after(std::string_view protocol) const;

  With with_;
  std::filesystem::path folder_;
  pid_t pid_ = -1;
  std::string spop_;
  std::string admin_;
};

/// With a single worker, which any slow request keeps busy.
Agent::With one_worker(const std::string& settings = "");

/// A request as the shipped HAProxy examples send it.
spop::Message request(const std::string& path, const std::string& query = "",
                      const std::string& body = "");

/// A text variable of an ACK, or "(unset)".
std::string text_of(const spop::Ack& ack, std::string_view name);

/// Sends one NOTIFY and waits for its ACK; fails the test when none comes.
spop::Ack ask(spop::Client& client, const spop::Message& message,
              std::uint64_t stream = 1);
spop::Ack next_ack(spop::Client& client);
/// Sends one NOTIFY, for a request of that path, and does not wait.
void send(spop::Client& client, const std::string& path, std::uint64_t stream);

}  // namespace spoa::serve
