// The admin API's answers as tables for people.
#pragma once

#include "base/json.hpp"

#include <string>

namespace angod::ctl {

/// A value that may reach the terminal (see printable.hpp); "-" for an empty one, yes and no for a flag.
std::string shown(const json::Value &value);

std::string status_table(const json::Value &answer);
std::string plugins_table(const json::Value &answer);
std::string modules_table(const json::Value &answer);
/// One module, its files and its generations.
std::string module_details(const json::Value &answer);
/// With ids that are cut where they differ.
std::string jobs_table(const json::Value &answer);
/// One job, its attempts, and the last lines of the last one's log.
std::string job_details(const json::Value &answer);
/// One plugin and its hosts.
std::string plugin_details(const json::Value &answer);
/// The sentence after a request to stop.
std::string stopping_text(const json::Value &answer);
/// Any object, a line for each member. Numbers of seconds and bytes are shown with units: uptime_s as "uptime  3 min 12 s".
std::string details(const json::Value &answer);

} // namespace angod::ctl
