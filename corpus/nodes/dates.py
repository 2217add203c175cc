"""Dates and times: always given, never the present."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
import calendar
import itertools
import string
import time as clock


class IsoCalendar:
    """Year, week and weekday, where the week's year may be another one."""

    def process(self, data: str) -> dict[str, object]:
        day = date.fromisoformat(data)
        return {
            "iso": day.isocalendar(),
            "back": date.fromisocalendar(*day.isocalendar()).isoformat(),
            "ordinal": day.toordinal(),
            "day_of_year": day.timetuple().tm_yday,
            "weekday": calendar.day_name[day.weekday()],
            "leap": calendar.isleap(day.year),
        }


class BusinessDays:
    """Moves a date by working days, over given holidays."""

    def __init__(self, days: int, holidays: list[str] | None = None) -> None:
        self.days = days
        self.holidays = {date.fromisoformat(day) for day in holidays or []}

    def process(self, data: str) -> str:
        day, step = date.fromisoformat(data), timedelta(days=1 if self.days > 0 else -1)
        remaining = abs(self.days)
        while remaining:
            day += step
            if day.weekday() < calendar.SATURDAY and day not in self.holidays:
                remaining -= 1
        return day.isoformat()


class Strftime:
    """The directives of strftime, which the C library implements."""

    def __init__(self, directives: str) -> None:
        self.directives = directives

    def process(self, data: str) -> dict[str, str]:
        moment = datetime.fromisoformat(data)
        return {directive: moment.strftime(f"%{directive}") for directive in self.directives}


class EveryDirective:
    """Every letter as a directive, with flags, widths and modifiers that C libraries may or may not know."""

    def __init__(self, flags: list[str], widths: list[str], modifiers: list[str]) -> None:
        self.parts = list(itertools.product(flags, widths, modifiers))

    def process(self, data: list[int]) -> dict[str, str]:
        moment = clock.struct_time(data)
        return {letter: self.all_of(letter, moment) for letter in string.printable if letter.isprintable()}

    def all_of(self, letter: str, moment: clock.struct_time) -> str:
        formats = "|".join(f"%{flag}{width}{modifier}{letter}" for flag, width, modifier in self.parts)
        return clock.strftime(formats, moment)


class Strptime:
    """Parses with a format and writes the moment back with it."""

    def __init__(self, format: str) -> None:
        self.format = format

    def process(self, data: str) -> dict[str, object]:
        try:
            moment = datetime.strptime(data, self.format)
        except ValueError as error:
            return {"error": str(error)}
        return {"iso": moment.isoformat(), "same": moment.strftime(self.format) == data}


class MonthTable:
    """A month as a text calendar and as weeks."""

    def process(self, data: list[int]) -> dict[str, object]:
        year, month = data
        return {
            "text": calendar.TextCalendar(calendar.MONDAY).formatmonth(year, month),
            "weeks": calendar.Calendar(calendar.SUNDAY).monthdayscalendar(year, month),
            "range": [int(part) for part in calendar.monthrange(year, month)],
        }


class Duration:
    """Arithmetic of time differences, down to microseconds and below zero."""

    def process(self, data: list[str]) -> dict[str, object]:
        start, end = map(datetime.fromisoformat, data)
        difference = end - start
        return {
            "text": str(difference),
            "parts": [difference.days, difference.seconds, difference.microseconds],
            "seconds": difference.total_seconds(),
            "half": str(difference / 2),
            "weeks": difference // timedelta(weeks=1),
            "rest": str(difference % timedelta(hours=7)),
            "ratio": difference / timedelta(days=1),
            "absolute": str(abs(difference)),
        }


class Offsets:
    """One moment seen from fixed offsets."""

    def __init__(self, minutes: list[int]) -> None:
        self.zones = [timezone(timedelta(minutes=offset)) for offset in minutes]

    def process(self, data: str) -> list[dict[str, object]]:
        moment = datetime.fromisoformat(data)
        views = [moment.astimezone(zone) for zone in self.zones]
        return [
            {"iso": view.isoformat(), "zone": view.tzname(), "date": view.date().isoformat(), "equal": view == moment}
            for view in views
        ]


class Timestamps:
    """Seconds since 1970 and back, also where 32 bits end."""

    def process(self, data: float) -> dict[str, object]:
        moment = datetime.fromtimestamp(data, UTC)
        return {
            "utc": moment.isoformat(),
            "local": datetime.fromtimestamp(data).isoformat(),
            "back": moment.timestamp(),
            "gmtime": list(clock.gmtime(data)),
            "mktime": clock.mktime(clock.localtime(data)),
            "timegm": calendar.timegm(moment.utctimetuple()),
            "asctime": clock.asctime(clock.gmtime(data)),
        }


class EarlyYears:
    """Years below 1000, which C libraries pad differently."""

    def process(self, data: int) -> Iterator[dict[str, str]]:
        day = date(data, 3, 1)
        yield {"iso": day.isoformat()}
        yield {"year": day.strftime("%Y")}
        yield {"date": day.strftime("%F")}
        yield {"century": day.strftime("%C")}
        yield {"week_year": day.strftime("%G")}


class Schedule:
    """Repeats a time of day until a date; the last day of a month stays the last."""

    def __init__(self, until: str, at: str = "09:30") -> None:
        self.until = date.fromisoformat(until)
        self.at = time.fromisoformat(at)

    def process(self, data: str) -> Iterator[str]:
        first = date.fromisoformat(data)
        year, month = first.year, first.month
        while True:
            day = min(first.day, calendar.monthrange(year, month)[1])
            moment = datetime.combine(date(year, month, day), self.at, UTC)
            if moment.date() > self.until:
                return
            yield moment.isoformat(timespec="minutes")
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
