// What is asked of the agent: NOTIFY frames (SPOE.txt 3.2.6) and what goes before and
// after them, from HAProxy's side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http_request.h"
#include "spoa/bench_settings.h"
#include "writer.h"

namespace spoa::bench {

/// One request, spelled once and sent many times: only its ids change. Any thread.
class Question {
 public:
  /// dialect  what the message and its arguments are called: kNamed as in
  ///          haproxy-examples/spoe-modsecurity.conf, kCoraza as coraza-spoa has it,
  ///          k2017 without names, in the order of the agent of 2017.
  /// app      value of the argument app; empty: it is left out. k2017 has none.
  /// client   gives the addresses of the client: 198.18.0.0/15, for benchmarks (RFC
  /// 2544).
  Question(const HttpRequest& request, QuestionDialect dialect, std::string_view app,
           std::uint32_t client);

  /// Appends one NOTIFY. `id` is the correlation id.
  void append(std::uint64_t stream, std::string_view id, Buffer& out) const;

  /// The length field of a NOTIFY whose id takes so many bytes, at most.
  [[nodiscard]] std::size_t most_bytes(std::size_t id_bytes) const noexcept;

 private:
  Buffer before_id_;
  Buffer after_id_;
};

/// HAPROXY-HELLO: version 2.0, pipelining (SPOE.txt 3.2.4).
void write_haproxy_hello(std::uint32_t max_frame_size, std::string_view engine_id,
                         Buffer& out);

/// HAPROXY-DISCONNECT, `normal` (SPOE.txt 3.2.8).
void write_haproxy_disconnect(Buffer& out);

}  // namespace spoa::bench
