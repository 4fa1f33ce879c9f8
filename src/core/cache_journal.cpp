// SPDX-License-Identifier: Apache-2.0
#include "cache_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <fstream>

namespace xpuruntime {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kLongest = 1 << 20;  // bytes of the journal

fs::path journal_of(const fs::path& folder) { return folder / "rebuilt.log"; }

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  char text[32] = "";
  if (gmtime_r(&seconds, &utc) != nullptr) {
    std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  }
  return text;
}

}  // namespace

void note_rebuilt(const fs::path& folder, const fs::path& entry, std::string reason) noexcept try {
  const fs::path journal = journal_of(folder);
  std::error_code error;
  if (const auto bytes = fs::file_size(journal, error); !error && bytes > kLongest) {
    fs::remove(journal, error);
  }
  std::ranges::replace(reason, '\n', ' ');
  const std::string line = now() + " " + entry.filename().string() + " " + reason + "\n";
  const int file =
      open(journal.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
  if (file < 0) return;
  // At once, so that lines of several processes do not mix.
  [[maybe_unused]] const ssize_t written = write(file, line.data(), line.size());
  close(file);
} catch (const std::exception&) {
}

std::vector<std::string> read_journal(const fs::path& folder) {
  std::vector<std::string> lines;
  const fs::path journal = journal_of(folder);
  std::error_code error;
  if (!fs::is_regular_file(journal, error)) return lines;
  std::ifstream file(journal);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace xpuruntime
