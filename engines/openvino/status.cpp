// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <initializer_list>
#include <new>
#include <openvino/core/except.hpp>
#include <openvino/runtime/exception.hpp>

namespace xpuruntime::openvino {
namespace {

using engine::Failure;

bool says_any(std::string_view text, std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    if (text.find(phrase) != text.npos) return true;
  }
  return false;
}

xpurt_status status_of(std::string_view text, xpurt_status otherwise) {
  if (says_any(text, {"bad_alloc", "Failed to allocate", "out of memory", "not enough memory"})) {
    return XPURT_OUT_OF_MEMORY;
  }
  if (says_any(text, {"does not support the following ONNX operations", "No translator found",
                      "No conversion rule found", "wasn't fully converted", "Unsupported data type",
                      "unsupported src_prc", "Not implemented", "not implemented",
                      "NOT_IMPLEMENTED", "is not supported", "are not supported", "doesn't support",
                      "does not support", "Unsupported operation", "Cannot create"})) {
    return XPURT_UNSUPPORTED_OPERATION;
  }
  return otherwise;
}

/// Takes the end off a line that says which condition of OpenVINO's code did not hold, and where in
/// it; the condition, or nothing.
std::string_view take_check(std::string_view& line) {
  const size_t begin = line.find("Check '");
  const size_t end = line.find(" failed at ", begin);
  if (begin == line.npos || end == line.npos) return {};
  const std::string_view condition = line.substr(begin, end - begin);
  line = line.substr(0, begin);
  return condition;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == ':')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string plain_words(std::string_view text) {
  std::string words;
  std::string_view condition;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("Exception from ") || line.starts_with("FrontEnd API failed with ")) {
      continue;
    }
    if (const auto found = take_check(line); !found.empty()) condition = found;
    line = trimmed(line);
    if (line.empty()) continue;
    if (!words.empty()) words += words.back() == '.' || words.back() == ';' ? " " : "; ";
    words += line;
  }
  if (words.empty() && !condition.empty()) words = std::string(condition) + " does not hold";
  return words.empty() ? "it gives no reason" : words;
}

void rethrow_as_failure(xpurt_status otherwise, const std::string& where) {
  const std::string begin = where.empty() ? "OpenVINO: " : where + ": OpenVINO: ";
  try {
    throw;
  } catch (const Failure&) {
    throw;
  } catch (const engine::HostFailure&) {
    throw;
  } catch (const ov::Cancelled&) {
    throw Failure(XPURT_CANCELLED, "the run was cancelled");
  } catch (const ov::NotImplemented& error) {
    throw Failure(XPURT_UNSUPPORTED_OPERATION, begin + plain_words(error.what()));
  } catch (const std::bad_alloc&) {
    throw Failure(XPURT_OUT_OF_MEMORY, begin + "it could not allocate memory");
  } catch (const std::exception& error) {
    const std::string words = plain_words(error.what());
    throw Failure(status_of(words, otherwise), begin + words);
  }
}

}  // namespace xpuruntime::openvino
