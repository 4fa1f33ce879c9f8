// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "toolkit/terminal.h"
#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {
namespace {

constexpr int kSchemaVersion = 1;

}  // namespace

void print(const std::string& text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) {
    throw UnavailableError(std::string("standard output cannot be written: ") +
                           std::strerror(errno));
  }
}

void print_json(const Json& content) {
  Json document;
  document["schema_version"] = kSchemaVersion;
  document.update(content);
  print(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

int print_error(const XpuRuntimeError& error) {
  print_error(error.name(), error.what());
  return error.exit_code();
}

void print_error(const std::string& error_class, const std::string& message) {
  const auto style = toolkit::Style::of(stderr);
  const std::string text = "xpurt: " + style.red(error_class) + ": " + message + "\n";
  std::fputs(text.c_str(), stderr);
}

void print_warning(const std::string& message) {
  const auto style = toolkit::Style::of(stderr);
  const std::string text = "xpurt: " + style.yellow("warning") + ": " + message + "\n";
  std::fputs(text.c_str(), stderr);
}

Json error_json(const std::string& error_class, const std::string& message, int exit_code) {
  return {{"error", {{"class", error_class}, {"message", message}, {"exit_code", exit_code}}}};
}

}  // namespace xpuruntime::xpurt
