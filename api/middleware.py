"""tmp"""


def SearchFirst(get_response):
    return get_response
