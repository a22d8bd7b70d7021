#include "stock.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

namespace spoa::bench {
namespace {

/// All of a file, or of a pipe. Empty: it cannot be read.
std::string content_of(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> input(
      std::fopen(file.c_str(), "rb"), std::fclose);
  std::string content;
  std::array<char, 4096> chunk;
  while (input) {
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), input.get());
    if (got == 0) break;
    content.append(chunk.data(), got);
  }
  // A folder opens, but fails here.
  return input && std::ferror(input.get()) == 0 ? content : std::string();
}

Result<HttpRequest, std::string> read_file(const std::string& file) {
  const std::string raw = content_of(file);
  if (raw.empty()) return fmt::format("{}: cannot be read, or is empty", file);
  auto request = parse_request(raw);
  if (!request) return fmt::format("{}: {}", file, request.error());
  return request;
}

}  // namespace

Result<Stock, std::string> Stock::of(const BenchSettings& settings) {
  Stock stock(settings.mix);
  std::uint32_t client = 0;
  const auto add = [&](std::size_t kind, const HttpRequest& request) {
    stock.questions_[kind].emplace_back(request, settings.dialect, settings.app,
                                        client++);
  };
  for (const std::string& file : settings.request_files) {
    const auto request = read_file(file);
    if (!request) return request.error();
    add(kFileKind, *request);
  }
  if (!settings.request_files.empty()) return stock;
  for (std::size_t kind = 0; kind < kRequestKinds; ++kind) {
    for (unsigned variant = 0; variant < kVariants; ++variant) {
      add(kind,
          *parse_request(built_in_request(static_cast<RequestKind>(kind), variant)));
    }
  }
  return stock;
}

Picked Stock::next() {
  const bool mix = questions_[kFileKind].empty();
  const std::size_t kind = mix ? static_cast<std::size_t>(rotation_.next()) : kFileKind;
  const auto& questions = questions_[kind];
  return {&questions[asked_[kind]++ % questions.size()], kind};
}

std::size_t Stock::most_bytes(std::size_t id_bytes) const {
  std::size_t most = 0;
  for (const auto& kind : questions_) {
    for (const Question& question : kind) {
      most = std::max(most, question.most_bytes(id_bytes));
    }
  }
  return most;
}

}  // namespace spoa::bench
