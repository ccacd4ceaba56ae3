#include "provider/event_xml.hpp"

#include "base/text.hpp"
#include "provider/xml_text.hpp"

namespace slwmi::licensing {
namespace {

constexpr std::string_view kSchema = "http://schemas.microsoft.com/win/2004/08/events/event";

// As the schema counts.
int number_of(EventLevel level) { return static_cast<int>(level) + 1; }

// "2008-03-01T00:00:00.000000000Z".
std::string system_time(FileTime time) {
  std::string text = format_iso8601(time);
  text.pop_back();
  std::size_t fraction = 0;
  if (const std::size_t dot = text.find('.'); dot != std::string::npos)
    fraction = text.size() - dot - 1;
  else
    text += '.';
  return text.append(9 - fraction, '0') + 'Z';
}

}  // namespace

std::string to_xml(const EventRecord& record) {
  const EventLevel level = record.event->level;
  std::string out = "<Event xmlns=\"";
  out.append(kSchema).append("\"><System><Provider Name=\"").append(kEventProvider);
  out.append("\" EventSourceName=\"").append(kEventSource).append("\"/><EventID Qualifiers=\"");
  out += std::to_string(record.identifier() >> 16) + "\">" + std::to_string(record.id());
  out += "</EventID><Version>0</Version><Level>" + std::to_string(number_of(level));
  out += "</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords>";
  out += "<TimeCreated SystemTime=\"" + system_time(record.time) + "\"/><EventRecordID>";
  out += std::to_string(record.number) + "</EventRecordID><Correlation/>";
  out += "<Execution ProcessID=\"0\" ThreadID=\"0\"/>";
  append_xml_element(out, "Channel", log_name(record.event->log));
  append_xml_element(out, "Computer", record.computer);
  out += "<Security/></System><EventData>";
  for (const std::string& text : record.strings()) append_xml_element(out, "Data", text);
  out += "</EventData><RenderingInfo Culture=\"en-US\">";
  append_xml_element(out, "Message", record.message());
  append_xml_element(out, "Level", level_name(level));
  out += "<Task></Task><Opcode></Opcode>";
  append_xml_element(out, "Channel", log_name(record.event->log));
  append_xml_element(out, "Provider", kEventProvider);
  out += "<Keywords><Keyword>Classic</Keyword></Keywords></RenderingInfo></Event>\n";
  return out;
}

}  // namespace slwmi::licensing
