#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>

#include "escape.h"

namespace spop {
namespace {

/// The options as typed, before anything is made of them.
struct Typed {
  double timeout_s = 5;
  std::optional<std::string> app, id, src, dst, method, path, query, url, version, body;
  std::optional<std::int64_t> body_size, status;
  std::vector<std::string> headers, arguments, nulls;
  bool headers_as_text = false;
  std::string dialect, lie;
  double stall_for_s = 0, trickle_every_s = 1;
  std::string raw_hex;
};

Error mistake(const std::string& text) { return {Error::Kind::kMalformed, text}; }

Outcome<std::string> unescaped(const std::string& typed) {
  const auto bytes = unescape(typed);
  if (!bytes)
    return mistake("bad escape (allowed: \\n \\r \\t \\0 \\\\ \\xHH): " + typed);
  return *bytes;
}

Outcome<std::string> body_of(const std::string& typed) {
  if (!typed.starts_with('@')) return unescaped(typed);
  std::ifstream file(typed.substr(1), std::ios::binary);
  if (!file) return mistake("cannot read " + typed.substr(1));
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

Outcome<Data> headers_of(const Typed& typed) {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string block;
  for (const std::string& line : typed.headers) {
    const auto bytes = unescaped(line);
    if (!bytes) return bytes.error();
    const std::size_t colon = bytes->find(':');
    if (colon == std::string::npos)
      return mistake("--header wants 'name: value': " + line);
    std::string name = bytes->substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string value = bytes->substr(colon + 1);
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    block += name + ": " + value + "\r\n";
    headers.emplace_back(std::move(name), std::move(value));
  }
  return typed.headers_as_text ? text(block + "\r\n") : binary(encode_headers(headers));
}

Outcome<Data> number_of(const std::string& typed, Type type) {
  std::int64_t number = 0;
  const char* const end = typed.data() + typed.size();
  const bool negative = typed.starts_with('-');
  std::uint64_t large = 0;
  const auto [stop, failure] = negative ? std::from_chars(typed.data(), end, number)
                                        : std::from_chars(typed.data(), end, large);
  if (failure != std::errc() || stop != end) return mistake("no number: " + typed);
  return integer(negative ? number : static_cast<std::int64_t>(large), type);
}

Outcome<Data> address_of(const std::string& typed) {
  const auto address = ip(typed);
  if (!address) return mistake("no IPv4 or IPv6 address: " + typed);
  return *address;
}

/// TYPE:value, or `null`.
Outcome<Data> data_of(const std::string& typed) {
  static const std::map<std::string, Type> kIntegers = {{"int", kInt64},
                                                        {"int32", kInt32},
                                                        {"uint32", kUint32},
                                                        {"int64", kInt64},
                                                        {"uint64", kUint64}};
  const std::size_t colon = std::min(typed.find(':'), typed.size());
  const std::string type = typed.substr(0, colon);
  const std::string value = typed.substr(std::min(colon + 1, typed.size()));
  const auto integer_type = kIntegers.find(type);
  if (integer_type != kIntegers.end()) return number_of(value, integer_type->second);
  if (type == "null") return null();
  if (type == "bool") return boolean(value == "true" || value == "1");
  if (type == "ip") return address_of(value);
  if (type == "hex") {
    const auto bytes = from_hex(value);
    if (!bytes) return mistake("no hexadecimal digits: " + value);
    return binary(*bytes);
  }
  if (type != "str" && type != "bin") {
    return mistake(
        "unknown type (null bool int int32 uint32 int64 uint64 ip str bin hex): " +
        typed);
  }
  const auto bytes = unescaped(value);
  if (!bytes) return bytes.error();
  return type == "str" ? text(*bytes) : binary(*bytes);
}

/// Collects arguments; the first mistake sticks.
class Arguments {
 public:
  void add(const std::string& name, const Outcome<Data>& data) {
    if (data) {
      list_.emplace_back(name, *data);
    } else if (!error_) {
      error_ = data.error();
    }
  }
  void add_text(const std::string& name, const std::optional<std::string>& typed) {
    if (!typed) return;
    const auto bytes = unescaped(*typed);
    add(name, bytes ? Outcome<Data>(text(*bytes)) : Outcome<Data>(bytes.error()));
  }
  void add_number(const std::string& name, const std::optional<std::int64_t>& typed) {
    if (typed) add(name, integer(*typed));
  }
  void add_ip(const std::string& name, const std::optional<std::string>& typed) {
    if (typed) add(name, address_of(*typed));
  }

  Outcome<std::vector<NamedData>> take() {
    if (error_) return *error_;
    return std::move(list_);
  }

 private:
  std::vector<NamedData> list_;
  std::optional<Error> error_;
};

Outcome<std::vector<NamedData>> arguments_of(const Typed& typed) {
  Arguments list;
  list.add_text("app", typed.app);
  list.add_text("id", typed.id);
  list.add_ip("src-ip", typed.src);
  list.add_ip("dst-ip", typed.dst);
  list.add_text("method", typed.method);
  list.add_text("path", typed.path);
  list.add_text("query", typed.query);
  list.add_text("url", typed.url);
  list.add_text("version", typed.version);
  list.add_number("status", typed.status);
  if (!typed.headers.empty()) list.add("headers", headers_of(typed));
  list.add_number("body-size", typed.body_size);
  if (typed.body) {
    const auto bytes = body_of(*typed.body);
    list.add("body",
             bytes ? Outcome<Data>(binary(*bytes)) : Outcome<Data>(bytes.error()));
  }
  for (const std::string& name : typed.nulls) list.add(name, null());
  for (const std::string& argument : typed.arguments) {
    const std::size_t equals = std::min(argument.find('='), argument.size());
    list.add(argument.substr(0, equals),
             data_of(argument.substr(std::min(equals + 1, argument.size()))));
  }
  return list.take();
}

void describe_request(CLI::App& app, Typed& typed) {
  const auto many = [&app](const char* name, std::vector<std::string>& to,
                           const char* help) {
    app.add_option(name, to, help)->allow_extra_args(false);
  };
  app.add_option("--app", typed.app, "argument app");
  app.add_option("--id", typed.id, "argument id; %n stands for the NOTIFY's number");
  app.add_option("--src", typed.src, "argument src-ip");
  app.add_option("--dst", typed.dst, "argument dst-ip");
  app.add_option("--method", typed.method, "argument method");
  app.add_option("--path", typed.path,
                 "argument path; takes \\xHH and the like, as do all");
  app.add_option("--query", typed.query, "argument query");
  app.add_option("--url", typed.url, "argument url");
  app.add_option("--http-version", typed.version, "argument version, such as 1.1");
  app.add_option("--status", typed.status, "argument status: makes it a response");
  many("--header", typed.headers, "'name: value', part of the argument headers");
  app.add_flag("--header-text", typed.headers_as_text, "headers as req.hdrs, a string");
  app.add_option("--body", typed.body, "argument body: TEXT or @FILE");
  app.add_option("--body-size", typed.body_size, "argument body-size");
  many("--null", typed.nulls, "an argument that is NULL: its name");
  many("--arg", typed.arguments, "any argument: NAME=TYPE:VALUE, NAME may be empty");
}

/// HELLO and habits of a version, as HAProxy's doc/SPOE.txt and its sources have them.
void speak_as(const std::string& version, Options& options) {
  const bool old = version == "2.6" || version == "3.0";
  options.dialect.capabilities = old ? "pipelining,async" : "pipelining";
  options.dialect.engine_id = "7f6c3a52-0d1e-4b8f-9a37-c2d4e5f60718";
  // From 3.1 on: odd, anew on each connection. Before: the process's streams, from 0.
  if (!old) options.habits = {1, 2, Habits::Large::kAnnounced};
  if (old) options.habits.large = Habits::Large::kFragments;
  if (version == "3.4") options.habits.large = Habits::Large::kFails;
}

const std::map<std::string, Lie>& lies() {
  static const std::map<std::string, Lie> kLies = {
      {"length-short", Lie::kLengthShort}, {"length-long", Lie::kLengthLong},
      {"length-zero", Lie::kLengthZero},   {"length-huge", Lie::kLengthHuge},
      {"fragment-ids", Lie::kFragmentIds}, {"hello-ids", Lie::kHelloIds}};
  return kLies;
}

void describe_misbehaviour(CLI::App& app, Typed& typed, Options& options) {
  app.add_option("--dialect", typed.dialect,
                 "HELLO, ids and large messages as HAProxy of that version has them")
      ->check(CLI::IsMember({"2.6", "3.0", "3.1.0", "3.4"}))
      ->excludes("--capabilities")
      ->excludes("--engine-id");
  app.add_option("--stall-at", options.pace.stall_at,
                 "pause before the byte of this offset");
  app.add_option("--stall-for", typed.stall_for_s, "seconds to pause (--timeout)");
  app.add_option("--trickle", options.pace.trickle, "send so many bytes at a time");
  app.add_option("--trickle-every", typed.trickle_every_s, "seconds between them (1)");
  app.add_option(
         "--lie", typed.lie,
         "length-short length-long length-zero length-huge fragment-ids hello-ids")
      ->check(CLI::IsMember(lies()));
  app.add_flag("--never-read", options.never_read,
               "send all NOTIFYs, read no ACK, and wait until the agent closes");
  app.add_flag("--reset", options.reset, "end with a reset of the connection");
}

void describe_session(CLI::App& app, Typed& typed, Options& options) {
  app.add_option("--connect", options.address, "HOST:PORT, [V6]:PORT or unix:/PATH")
      ->required();
  app.add_option("--timeout", typed.timeout_s, "seconds to wait for each answer")
      ->check(CLI::Range(0.001, 3600.0));
  app.add_option("--message", options.message.name, "name of the message");
  app.add_option("--repeat", options.repeat, "number of NOTIFYs");
  app.add_option("--pipeline", options.pipeline, "NOTIFYs waiting for an ACK at once")
      ->check(CLI::PositiveNumber);
  app.add_option("--fragment", options.fragment,
                 "cut each NOTIFY into pieces of that size");
  app.add_flag("--show-ids", options.show_ids, "begin each line with stream= and frame=");
  app.add_flag("--disconnect", options.disconnect, "end with HAPROXY-DISCONNECT");
  app.add_flag("--hello-only", options.hello_only, "stop after the handshake");
  app.add_flag("--healthcheck", options.dialect.healthcheck,
               "the handshake of `option spop-check`, and nothing else");
  app.add_option("--versions", options.dialect.versions, "supported-versions");
  app.add_option("--max-frame-size", options.dialect.max_frame_size, "bytes");
  app.add_option("--capabilities", options.dialect.capabilities, "capabilities");
  app.add_option("--engine-id", options.dialect.engine_id, "engine-id");
  app.add_option("--raw-hex", typed.raw_hex,
                 "send these bytes and nothing else, then print what comes back");
  app.add_flag("--after-hello", options.after_hello, "with --raw-hex: shake hands first");
}

Outcome<void> complete(const Typed& typed, Options& options) {
  options.patience = std::chrono::milliseconds(std::llround(typed.timeout_s * 1000));
  if (!typed.dialect.empty()) speak_as(typed.dialect, options);
  if (options.dialect.healthcheck) {
    options.hello_only = true;
    options.dialect.capabilities.clear();
    options.dialect.engine_id.clear();
  }
  const auto ms = [](double seconds) {
    return std::chrono::milliseconds(std::llround(seconds * 1000));
  };
  options.pace.stall_for =
      typed.stall_for_s > 0 ? ms(typed.stall_for_s) : options.patience;
  options.pace.trickle_every = ms(typed.trickle_every_s);
  if (!typed.lie.empty()) options.lie = lies().at(typed.lie);
  const auto raw = from_hex(typed.raw_hex);
  if (!raw) return mistake("--raw-hex wants pairs of hexadecimal digits");
  options.raw_bytes = *raw;
  auto arguments = arguments_of(typed);
  if (!arguments) return arguments.error();
  options.message.arguments = std::move(*arguments);
  return {};
}

}  // namespace

spoa::Result<Options, int> parse(int argc, const char* const* argv) {
  CLI::App app("Speaks to a SPOP agent as HAProxy does, or as it never would.");
  app.footer(
      "One line on standard output for every ACK. Exits 0 if every NOTIFY got its\n"
      "ACK (--raw-hex: if the agent answered or closed), 1 if not, 64 on bad usage.");
  Typed typed;
  Options options;
  options.message.name = "request";
  describe_session(app, typed, options);
  describe_misbehaviour(app, typed, options);
  describe_request(app, typed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  options.raw = app.count("--raw-hex") != 0;
  const auto completed = complete(typed, options);
  if (!completed) {
    std::cerr << "spop-client: " << completed.error().text << '\n';
    return kExitUsage;
  }
  return options;
}

}  // namespace spop
