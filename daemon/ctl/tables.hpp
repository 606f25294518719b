// The admin API's answers as tables for people.
#pragma once

#include "base/json.hpp"

#include <string>

namespace angod::ctl {

/// A value without control characters, which must not reach the terminal; "-" for an empty one.
std::string shown(const json::Value &value);

std::string status_table(const json::Value &answer);
std::string plugins_table(const json::Value &answer);
std::string modules_table(const json::Value &answer);
/// One module, its files and its generations.
std::string module_details(const json::Value &answer);
std::string jobs_table(const json::Value &answer);
/// One job, its attempts, and the last lines of the last one's log.
std::string job_details(const json::Value &answer);
/// Any object, a line for each member.
std::string details(const json::Value &answer);

} // namespace angod::ctl
