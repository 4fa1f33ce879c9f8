// SPDX-License-Identifier: Apache-2.0
#include "status.h"

#include <c10/util/Exception.h>

#include <charconv>
#include <new>

namespace xpuruntime::torch_engine {
namespace {

using engine::Failure;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "... you tried to allocate 4000 bytes ...": the number.
uint64_t bytes_asked(std::string_view text) {
  constexpr std::string_view before = "tried to allocate ";
  const size_t at = text.find(before);
  uint64_t bytes = 0;
  if (at != text.npos) {
    std::from_chars(text.data() + at + before.size(), text.data() + text.size(), bytes);
  }
  return bytes;
}

[[noreturn]] void fail(xpurt_status status, const std::string& begin, const std::string& words) {
  if (words.find("tried to allocate") != words.npos || words.find("out of memory") != words.npos) {
    Failure failure(XPURT_OUT_OF_MEMORY, begin + words);
    failure.asked = bytes_asked(words);
    throw failure;
  }
  throw Failure(status, begin + words);
}

}  // namespace

std::string plain_words(std::string_view text) {
  // TorchScript's interpreter puts the reason under a traceback.
  for (const std::string_view mark : {"\nRuntimeError: ", "\nNotImplementedError: "}) {
    if (const size_t at = text.rfind(mark); at != text.npos) text.remove_prefix(at + mark.size());
  }
  std::string words;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("Exception raised from ")) break;  // and the C++ stack
    if (line.empty()) continue;
    if (!words.empty()) words += words.back() == '.' || words.back() == ':' ? " " : "; ";
    words += line;
  }
  return words.empty() ? "it gives no reason" : words;
}

void rethrow_as_failure(xpurt_status otherwise, const std::string& where) {
  const std::string begin = where.empty() ? "torch: " : where + ": torch: ";
  try {
    throw;
  } catch (const Failure&) {
    throw;
  } catch (const engine::HostFailure&) {
    throw;
  } catch (const c10::NotImplementedError& error) {
    fail(XPURT_UNSUPPORTED_OPERATION, begin, plain_words(error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    fail(otherwise, begin, plain_words(error.what_without_backtrace()));
  } catch (const std::bad_alloc&) {
    throw Failure(XPURT_OUT_OF_MEMORY, begin + "it could not allocate memory");
  } catch (const std::exception& error) {
    fail(otherwise, begin, plain_words(error.what()));
  }
}

}  // namespace xpuruntime::torch_engine
