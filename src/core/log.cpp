// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace xpuruntime {
namespace {

spdlog::logger* make_log() {
  auto* logger =
      new spdlog::logger("xpuruntime", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ [xpuruntime] %v");
  logger->set_level(spdlog::level::warn);
  if (const char* wanted = std::getenv("XPURT_LOG_LEVEL")) {
    const auto level = spdlog::level::from_str(wanted);
    // from_str gives "off" for every word that it does not know.
    if (level == spdlog::level::off && std::string_view(wanted) != "off") {
      logger->warn(
          "XPURT_LOG_LEVEL='{}' is not a level: use trace, debug, info, warn, error or off",
          wanted);
    } else {
      logger->set_level(level);
    }
  }
  return logger;
}

spdlog::logger& logger() {
  static spdlog::logger* const logger = make_log();  // never destroyed: engines' threads log late
  return *logger;
}

}  // namespace

LogLevel log_level() {
  switch (logger().level()) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return LogLevel::kDebug;
    case spdlog::level::info:
      return LogLevel::kInfo;
    case spdlog::level::warn:
      return LogLevel::kWarning;
    case spdlog::level::err:
    case spdlog::level::critical:
      return LogLevel::kError;
    default:
      return LogLevel::kOff;
  }
}

void log(LogLevel level, std::string_view line) {
  switch (level) {
    case LogLevel::kDebug:
      return logger().debug(line);
    case LogLevel::kInfo:
      return logger().info(line);
    case LogLevel::kWarning:
      return logger().warn(line);
    case LogLevel::kError:
      return logger().error(line);
    case LogLevel::kOff:
      return;
  }
}

}  // namespace xpuruntime
