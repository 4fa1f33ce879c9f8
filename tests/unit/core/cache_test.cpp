// SPDX-License-Identifier: Apache-2.0
#include "xpuruntime/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/cache_file.h"
#include "expect_error.h"
#include "fake_session.h"
#include "unit/temporary_folder.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() : cache_(folder_ / "cache") {}

  InferenceSession open(std::string_view program = kScale, SessionConfig config = {}) const {
    config.cache_dir = cache_.folder().string();
    return open_fake(program, config);
  }
  /// Opens, and checks that the session computes what it should.
  CacheReport outcome_of(std::string_view program = kScale, float factor = 2) const {
    const InferenceSession session = open(program);
    const auto y = session.run({{"x", Tensor::from({1.0F, 4.0F}, {1, 2})}}).at("y");
    EXPECT_EQ(y.values<float>()[1], 4 * factor);
    return session.report().cache;
  }
  fs::path only_entry() const {
    const auto entries = cache_.entries();
    EXPECT_THAT(entries, SizeIs(1));
    return entries.at(0).path;
  }
  /// Runs `body` in a process of its own; its exit code, or minus the signal that ended it.
  template <typename Body>
  static int in_child(Body&& body) {
    const pid_t child = fork();
    if (child == 0) {
      body();
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  }

  const TemporaryFolder folder_;
  const ModelCache cache_;
};

const std::string kTripled = [] {
  std::string text(kScale);
  return text.replace(text.find("scale x 2"), 9, "scale x 3");
}();

TEST_F(CacheTest, TheSecondLoadIsFromTheCache) {
  const CacheReport first = outcome_of();
  EXPECT_EQ(first.outcome, CacheOutcome::kStored) << first.reason;
  EXPECT_EQ(first.entry, only_entry().string());
  const CacheReport second = outcome_of();
  EXPECT_EQ(second.outcome, CacheOutcome::kHit) << second.reason;
  EXPECT_EQ(second.entry, first.entry);
}

TEST_F(CacheTest, ModelsOfOneStructureWithOtherWeightsShareNothing) {
  outcome_of();
  EXPECT_EQ(outcome_of(kTripled, 3).outcome, CacheOutcome::kStored);
  EXPECT_EQ(outcome_of(kTripled, 3).outcome, CacheOutcome::kHit);
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kHit);
  EXPECT_THAT(cache_.entries(), SizeIs(2));
}

TEST_F(CacheTest, IsOffWhenAskedSo) {
  const InferenceSession session = open_fake(kScale, {.cache_dir = ""});
  EXPECT_EQ(session.report().cache.outcome, CacheOutcome::kOff);
  EXPECT_EQ(session.report().cache.entry, "");
}

TEST_F(CacheTest, TheDefaultOneKeepsNothingThatIsBuiltAtOnce) {
  setenv("XPURT_CACHE_DIR", cache_.folder().c_str(), 1);
  const InferenceSession session = open_fake(kScale);
  unsetenv("XPURT_CACHE_DIR");
  EXPECT_EQ(session.report().cache.outcome, CacheOutcome::kNotStored);
  EXPECT_THAT(session.report().cache.reason, HasSubstr("less than 250 ms"));
  EXPECT_FALSE(fs::exists(cache_.folder()));
}

TEST_F(CacheTest, ADamagedEntryIsBuiltAgainWhereverTheDamageIs) {
  outcome_of();
  const fs::path entry = only_entry();
  const auto size = fs::file_size(entry);
  for (uintmax_t at = 0; at < size; at += 7) {
    {
      std::fstream file(entry, std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(static_cast<std::streamoff>(at));
      const int byte = file.get();
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(byte ^ 0x15));
    }
    const CacheReport report = outcome_of();
    // The name that people read, and spaces behind the header, are all that may change unseen.
    if (report.outcome == CacheOutcome::kHit) {
      cache_.prune(0);
      EXPECT_EQ(outcome_of().outcome, CacheOutcome::kStored);
      continue;
    }
    ASSERT_EQ(report.outcome, CacheOutcome::kRebuilt) << "byte " << at;
    ASSERT_NE(report.reason, "");
    ASSERT_EQ(outcome_of().outcome, CacheOutcome::kHit) << "byte " << at;
  }
}

TEST_F(CacheTest, AnEntryThatIsCutOffIsBuiltAgain) {
  outcome_of();
  const fs::path entry = only_entry();
  const auto size = fs::file_size(entry);
  for (uintmax_t left = 0; left < size; left += 11) {
    fs::resize_file(entry, left);
    ASSERT_EQ(outcome_of().outcome, CacheOutcome::kRebuilt) << left << " bytes";
  }
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kHit);
}

TEST_F(CacheTest, AnEntryUnderAnothersNameIsBuiltAgain) {
  outcome_of();
  const fs::path scale = only_entry();
  const fs::path tripled = outcome_of(kTripled, 3).entry;
  fs::copy_file(scale, tripled, fs::copy_options::overwrite_existing);
  const CacheReport report = outcome_of(kTripled, 3);
  EXPECT_EQ(report.outcome, CacheOutcome::kRebuilt);
  EXPECT_THAT(report.reason, HasSubstr("another key"));
}

TEST_F(CacheTest, AFolderThatCannotBeWrittenCostsOnlyTheStoring) {
  folder_.write("cache", "this is a file");
  const CacheReport report = outcome_of();
  EXPECT_EQ(report.outcome, CacheOutcome::kNotStored);
  EXPECT_THAT(report.reason, HasSubstr("cannot be"));
}

TEST_F(CacheTest, AFolderThatTakesNoFilesCostsOnlyTheStoring) {
  // Nobody makes a file there, root neither.
  const InferenceSession session = open_fake(kScale, {.cache_dir = "/proc/self/task"});
  EXPECT_EQ(session.report().cache.outcome, CacheOutcome::kNotStored);
  EXPECT_THAT(session.report().cache.reason, HasSubstr("cannot be written"));
}

TEST_F(CacheTest, AnEntryThatTheEngineRefusesIsBuiltAgain) {
  const CacheReport first = outcome_of();
  const CacheEntry stored = cache_.entries().at(0);
  write_cache_file(cache_.folder(), {stored.parts, stored.key}, "whole, and of another machine",
                   [](const auto& write) { write(bytes_of("compiled elsewhere")); });
  ASSERT_EQ(cache_.verify().at(0).problem, "");
  const CacheReport report = outcome_of();
  EXPECT_EQ(report.outcome, CacheOutcome::kRebuilt);
  EXPECT_THAT(report.reason, HasSubstr("not a compiled fake model"));
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kHit);
}

TEST_F(CacheTest, ALinkIsNoMoreThanWhatItLeadsTo) {
  const fs::path entry = outcome_of().entry;
  fs::rename(entry, folder_ / "elsewhere");
  fs::create_symlink(folder_ / "elsewhere", entry);
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kHit);
  fs::remove(folder_ / "elsewhere");
  EXPECT_NE(cache_.entries().at(0).problem, "");
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kStored) << "there is no such entry";
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(entry)));
  EXPECT_FALSE(fs::exists(folder_ / "elsewhere"));
  fs::remove(entry);
  fs::create_symlink(entry, entry);
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kRebuilt);
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kHit);
}

TEST_F(CacheTest, AFolderInTheWayOfAnEntryCostsOnlyTheStoring) {
  const fs::path entry = outcome_of().entry;
  fs::remove(entry);
  fs::create_directories(entry / "with something in it");
  const CacheReport report = outcome_of();
  EXPECT_EQ(report.outcome, CacheOutcome::kNotStored);
  EXPECT_THAT(report.reason, HasSubstr("no regular file"));
  EXPECT_THAT(report.reason, HasSubstr("cannot be written"));
}

TEST_F(CacheTest, CountsWhatWasBuiltAgain) {
  const fs::path entry = outcome_of().entry;
  EXPECT_THAT(cache_.rebuilds(), IsEmpty());
  for (int i = 0; i < 2; ++i) {
    fs::resize_file(entry, 40);
    ASSERT_EQ(outcome_of().outcome, CacheOutcome::kRebuilt);
    ASSERT_EQ(outcome_of().outcome, CacheOutcome::kHit);
  }
  const auto rebuilds = cache_.rebuilds();
  ASSERT_THAT(rebuilds, SizeIs(2));
  EXPECT_THAT(rebuilds[1], HasSubstr(entry.filename().string()));
  EXPECT_THAT(rebuilds[1], HasSubstr("cut off or damaged"));
}

TEST_F(CacheTest, TheCountIsOfBoundedSize) {
  fs::create_directories(cache_.folder());
  std::ofstream(cache_.folder() / "rebuilt.log") << std::string((1 << 20) + 1, '\n');
  EXPECT_THAT(cache_.rebuilds(), SizeIs((1 << 20) + 1));
  fs::resize_file(outcome_of().entry, 40);
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kRebuilt);
  EXPECT_THAT(cache_.rebuilds(), SizeIs(1));
}

TEST_F(CacheTest, AModelThatChangesWhileItIsLoadedIsNotStored) {
  const std::string program =
      "fake\ninput x float32 N 2\noutput y float32 N 2\nload_steps 1\ny = scale x 2\nend\n";
  const fs::path model = folder_.write("m.fake", program);
  SessionConfig config{.engine = fake_engine(), .cache_dir = cache_.folder().string()};
  config.progress = [&](const char*, uint64_t, uint64_t) {
    folder_.write("m.fake", program + "# longer\n");
    return true;
  };
  const InferenceSession session(model, config);
  EXPECT_EQ(session.report().cache.outcome, CacheOutcome::kNotStored);
  EXPECT_THAT(session.report().cache.reason, HasSubstr("changed while it was being loaded"));
  EXPECT_THAT(cache_.entries(), IsEmpty());
}

TEST_F(CacheTest, AFullDiskCostsOnlyTheStoring) {
  const int code = in_child([&] {
    signal(SIGXFSZ, SIG_IGN);  // then writing past the limit fails, as it does on a full disk
    const rlimit limit{100, 100};
    setrlimit(RLIMIT_FSIZE, &limit);
    const CacheReport report = outcome_of();
    _exit(report.outcome == CacheOutcome::kNotStored &&
                  report.reason.find("cannot be written") != report.reason.npos
              ? 42
              : 1);
  });
  EXPECT_EQ(code, 42);
  EXPECT_THAT(cache_.entries(), IsEmpty());
  EXPECT_EQ(outcome_of().outcome, CacheOutcome::kStored);
}

TEST_F(CacheTest, AWriterThatIsKilledLeavesNoEntry) {
  const CacheKey key{"{}", std::string(64, 'a')};
  const int code = in_child([&] {
    write_cache_file(cache_.folder(), key, "killed", [](const auto& write) {
      write(bytes_of("half"));
      raise(SIGKILL);
    });
  });
  EXPECT_EQ(code, -SIGKILL);
  EXPECT_THAT(cache_.entries(), IsEmpty());
  fs::path left;
  for (const auto& file : fs::directory_iterator(cache_.folder())) left = file.path();
  ASSERT_EQ(left.extension(), ".unfinished");
  EXPECT_THAT(cache_.prune(1 << 20), IsEmpty()) << "it may be being written";
  fs::last_write_time(left, fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_THAT(cache_.prune(1 << 20), SizeIs(1));
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(CacheTest, ManyProcessesStoreTheSameAtOnce) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      for (int k = 0; k < 20; ++k) {
        const CacheOutcome outcome = outcome_of().outcome;
        if (outcome != CacheOutcome::kStored && outcome != CacheOutcome::kHit) _exit(1);
        if (k % 5 == 4) cache_.prune(0);
      }
      _exit(::testing::Test::HasFailure() ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  outcome_of();
  EXPECT_THAT(cache_.verify(), SizeIs(1));
  EXPECT_EQ(cache_.verify()[0].problem, "");
}

TEST_F(CacheTest, ACancelledLoadStoresNothing) {
  EXPECT_THROW(open("fake\ninput x float32 N 2\noutput y float32 N 2\nload_steps 3\n"
                    "y = scale x 2\nend\n",
                    {.progress = [](const char*, uint64_t, uint64_t) { return false; }}),
               CancelledError);
  EXPECT_THAT(cache_.entries(), IsEmpty());
}

TEST_F(CacheTest, TellsWhatItHolds) {
  const InferenceSession session = open();
  const std::vector<CacheEntry> entries = cache_.entries();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].engine, "fake 1.0");
  EXPECT_EQ(entries[0].model, "<bytes>");
  EXPECT_EQ(entries[0].device, "cpu");
  EXPECT_EQ(entries[0].bytes, fs::file_size(entries[0].path));
  EXPECT_EQ(entries[0].problem, "");
  EXPECT_THAT(entries[0].parts, HasSubstr("\"fingerprint\""));
  EXPECT_EQ(entries[0].path.stem(), entries[0].key);
}

TEST_F(CacheTest, VerifyReadsEveryByte) {
  outcome_of();
  std::fstream(only_entry(), std::ios::in | std::ios::out | std::ios::ate).seekp(-1, std::ios::end)
      << '?';
  EXPECT_EQ(cache_.entries().at(0).problem, "");
  EXPECT_THAT(cache_.verify().at(0).problem, HasSubstr("not those that were stored"));
}

TEST_F(CacheTest, PrunesWhatWasUsedLongestAgo) {
  const fs::path scale = outcome_of().entry;
  const fs::path tripled = outcome_of(kTripled, 3).entry;
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(scale, now - std::chrono::hours(1));
  fs::last_write_time(tripled, now - std::chrono::hours(2));
  EXPECT_EQ(outcome_of(kTripled, 3).outcome, CacheOutcome::kHit);  // and so used last
  const auto removed = cache_.prune(fs::file_size(tripled));
  ASSERT_THAT(removed, SizeIs(1));
  EXPECT_EQ(removed[0].path, scale);
  EXPECT_EQ(only_entry(), tripled);
  EXPECT_THAT(cache_.prune(0), SizeIs(1));
  EXPECT_THAT(cache_.entries(), IsEmpty());
}

TEST_F(CacheTest, AFolderThatIsNotThereIsEmpty) {
  EXPECT_THAT(cache_.entries(), IsEmpty());
  EXPECT_THAT(cache_.prune(0), IsEmpty());
}

TEST_F(CacheTest, ItsFolderIsTheUsersAlone) {
  outcome_of();
  EXPECT_EQ(fs::status(cache_.folder()).permissions(), fs::perms::owner_all);
}

}  // namespace
}  // namespace xpuruntime
