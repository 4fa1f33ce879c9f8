// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "xpuruntime/error.h"

namespace xpuruntime::xpurt {

using Json = nlohmann::ordered_json;

/// Writes to stdout and flushes. Throws UnavailableError when it takes no more (disk full).
void print(const std::string& text);
/// Writes one JSON document: `content` after "schema_version". Text that is not UTF-8 is replaced.
void print_json(const Json& content);

/// On stderr: "xpurt: ClassOfError: message".
void print_error(const std::string& error_class, const std::string& message);
/// The same of what ends a command that has printed its result; gives the exit code.
int print_error(const XpuRuntimeError& error);
/// On stderr: "xpurt: warning: message".
void print_warning(const std::string& message);
/// The JSON of an error, as print_json() takes it.
Json error_json(const std::string& error_class, const std::string& message, int exit_code);

}  // namespace xpuruntime::xpurt
