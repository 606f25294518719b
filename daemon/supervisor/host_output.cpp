#include "supervisor/host_output.hpp"

#include "base/redact.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace angod::supervisor {

namespace {

constexpr std::size_t kLongestSecret = 1024;

} // namespace

void HostOutput::job_ended(const std::string &job) {
    const auto found = secrets_.find(job);
    if (found == secrets_.end()) return;
    for (const std::string &secret : found->second)
        if (std::find(ended_secrets_.begin(), ended_secrets_.end(), secret) == ended_secrets_.end())
            ended_secrets_.push_back(secret);
    while (ended_secrets_.size() > kEndedSecrets) ended_secrets_.pop_front();
    secrets_.erase(found);
}

std::vector<std::string> HostOutput::secrets() const {
    std::vector<std::string> all(ended_secrets_.begin(), ended_secrets_.end());
    for (const auto &[job, secrets] : secrets_) all.insert(all.end(), secrets.begin(), secrets.end());
    return all;
}

void HostOutput::printed(std::string_view bytes, Clock::time_point now) {
    const auto hidden = secrets();
    auto lines = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    for (; lines > 0; --lines) {
        const std::size_t end = bytes.find('\n');
        line_ += bytes.substr(0, end);
        bytes.remove_prefix(end + 1);
        // Of a flood, only the last lines and those that the log still takes are worth the work.
        if (lines <= kLastLines || budget_.left(now))
            keep(line_, hidden, now);
        else
            budget_.leave_out(1);
        line_.clear();
    }
    line_ += bytes;
    if (line_.size() <= kMaxLine) return;
    // The cut may go through a secret: the end of the line, which may be its beginning, waits for the rest.
    line_ = redact(line_, hidden);
    const std::size_t kept = std::min(line_.size(), kLongestSecret);
    keep(std::string_view(line_).substr(0, line_.size() - kept), hidden, now);
    line_.erase(0, line_.size() - kept);
}

void HostOutput::ended(Clock::time_point now) {
    if (!line_.empty()) keep(line_, secrets(), now);
    line_.clear();
}

void HostOutput::logged(std::uint32_t level, std::string_view text, Clock::time_point now) {
    if (!budget_.take(now)) return;
    const LogLevel as = level >= 3 ? LogLevel::error : level == 2 ? LogLevel::warning : LogLevel::info;
    log_.write(as, "module: " + redact(text, secrets()));
}

void HostOutput::keep(std::string_view line, const std::vector<std::string> &hidden, Clock::time_point now) {
    std::string clean = redact(line, hidden);
    clean.resize(beginning_of(clean, kLineBytes).size());
    for (char &c : clean) // control characters would change the operator's terminal
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
    if (budget_.take(now)) log_.debug("printed: {}", clean);
    last_lines_.push_back(std::move(clean));
    if (last_lines_.size() > kLastLines) last_lines_.pop_front();
}

std::string HostOutput::last_words() const {
    std::string out;
    for (const std::string &line : last_lines_) out += (out.empty() ? "; it printed: " : " | ") + line;
    return out;
}

} // namespace angod::supervisor
