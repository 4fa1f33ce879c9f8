// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include "command_line.h"
#include "output.h"
#include "xpuruntime/error.h"

namespace {

using namespace xpuruntime;

/// Tells an error the way that was asked for, and gives the exit code.
int fail(bool json, const std::string& error_class, const std::string& message, int exit_code) {
  try {
    if (json) xpurt::print_json(xpurt::error_json(error_class, message, exit_code));
  } catch (const XpuRuntimeError&) {
    // Standard output is what failed; stderr has to do.
  }
  xpurt::print_error(error_class, message);
  return exit_code;
}

int usage_error(bool json, const std::string& message) {
  const InvalidArgumentError error(message + "; see --help");
  return fail(json, error.name(), error.what(), error.exit_code());
}

int run_command(xpurt::CommandLine& line) {
  try {
    return line.action();
  } catch (const XpuRuntimeError& error) {
    return fail(line.json, error.name(), error.what(), error.exit_code());
  } catch (const std::bad_alloc&) {
    const OutOfMemoryError error("out of memory");
    return fail(line.json, error.name(), error.what(), error.exit_code());
  } catch (const std::exception& error) {
    const InternalError internal(error.what());
    return fail(line.json, internal.name(), internal.what(), internal.exit_code());
  }
}

}  // namespace

int main(int argc, char** argv) {
  // `xpurt ... | head -1` ends xpurt quietly, also below a parent that ignores the signal.
  std::signal(SIGPIPE, SIG_DFL);
  xpurt::CommandLine line;
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return line.app.exit(asked);
  } catch (const CLI::ParseError& error) {
    bool json = false;
    for (const std::string_view argument : std::span(argv, static_cast<size_t>(argc))) {
      json = json || argument == "--json";
    }
    return usage_error(json, error.what());
  }
  return run_command(line);
}
