#include "question.h"

#include <fmt/format.h>

#include "spoa/spop.h"

namespace spoa::bench {
namespace {

/// Frame header: type, flags, and two varints of 10 bytes at the most.
constexpr std::size_t kMostHeaderBytes = 1 + 4 + 10 + 10;
constexpr std::size_t kMostLengthBytes = 10;

void write_argument(std::string_view name, const Value& value, Buffer& out) {
  write_string(name, out);
  write_value(value, out);
}

Ipv4 client_address(std::uint32_t client) noexcept {
  return {{198, static_cast<std::uint8_t>(18 + (client >> 16 & 1)),
           static_cast<std::uint8_t>(client >> 8), static_cast<std::uint8_t>(client)}};
}

/// As HAProxy's req.hdrs_bin has them: names and values, then both empty.
Buffer headers_binary(const HttpRequest& request) {
  Buffer out;
  for (const auto& [name, value] : request.headers) {
    write_string(name, out);
    write_string(value, out);
  }
  write_string("", out);
  write_string("", out);
  return out;
}

/// As HAProxy's req.hdrs has them.
std::string headers_text(const HttpRequest& request) {
  std::string text;
  for (const auto& [name, value] : request.headers) {
    text += fmt::format("{}: {}\r\n", name, value);
  }
  return text + "\r\n";
}

struct Message {
  std::string_view name;
  std::uint8_t arguments;
};

Message message_of(QuestionDialect dialect, bool has_app) noexcept {
  switch (dialect) {
    case QuestionDialect::k2017:
      return {"check-request", 8};
    case QuestionDialect::kCoraza:
      return {"coraza-req", static_cast<std::uint8_t>(11 + (has_app ? 1 : 0))};
    case QuestionDialect::kNamed:
      break;
  }
  return {"check-request", static_cast<std::uint8_t>(12 + (has_app ? 1 : 0))};
}

}  // namespace

Question::Question(const HttpRequest& request, QuestionDialect dialect,
                   std::string_view app, std::uint32_t client) {
  const bool unnamed = dialect == QuestionDialect::k2017;
  const bool has_app = !app.empty() && !unnamed;
  const Message message = message_of(dialect, has_app);
  write_string(message.name, before_id_);
  before_id_.push_back(message.arguments);
  if (has_app) write_argument("app", app, before_id_);
  write_string(unnamed ? "" : "id", before_id_);
  before_id_.push_back(static_cast<std::uint8_t>(DataType::kString));

  const auto add = [&](std::string_view name, const Value& value) {
    write_argument(unnamed ? "" : name, value, after_id_);
  };
  if (!unnamed) {
    add("src-ip", client_address(client));
    add("src-port", std::int64_t{20000 + client % 40000});
    add("dst-ip", Ipv4{{198, 18, 255, 254}});
    add("dst-port", std::int64_t{443});
  }
  add("method", std::string_view(request.method));
  add("path", std::string_view(request.path));
  add("query", request.query ? Value(std::string_view(*request.query)) : Value());
  add("version", std::string_view(request.version));
  if (dialect == QuestionDialect::kCoraza) {
    const std::string headers = headers_text(request);
    add("headers", std::string_view(headers));
  } else {
    const Buffer headers = headers_binary(request);
    add("headers", Bytes(headers));
    add("body-size", static_cast<std::int64_t>(request.body.size()));
  }
  add("body", as_bytes(request.body));
}

void Question::append(std::uint64_t stream, std::string_view id, Buffer& out) const {
  const std::size_t begin = begin_frame(FrameType::kNotify, {stream, 1}, out);
  out.insert(out.end(), before_id_.begin(), before_id_.end());
  write_string(id, out);
  out.insert(out.end(), after_id_.begin(), after_id_.end());
  end_frame(begin, out);
}

std::size_t Question::most_bytes(std::size_t id_bytes) const noexcept {
  return kMostHeaderBytes + before_id_.size() + kMostLengthBytes + id_bytes +
         after_id_.size();
}

void write_haproxy_hello(std::uint32_t max_frame_size, std::string_view engine_id,
                         Buffer& out) {
  const std::size_t begin = begin_frame(FrameType::kHaproxyHello, {}, out);
  write_argument("supported-versions", kSpopVersion, out);
  write_string("max-frame-size", out);
  write_uint32(max_frame_size, out);
  write_argument("capabilities", kCapabilityPipelining, out);
  write_argument("engine-id", engine_id, out);
  end_frame(begin, out);
}

void write_haproxy_disconnect(Buffer& out) {
  const std::size_t begin = begin_frame(FrameType::kHaproxyDisconnect, {}, out);
  write_string("status-code", out);
  write_uint32(static_cast<std::uint32_t>(DisconnectCode::kNormal), out);
  write_argument("message", std::string_view("normal"), out);
  end_frame(begin, out);
}

}  // namespace spoa::bench
